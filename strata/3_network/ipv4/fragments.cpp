// Fragments: those that arrive are put together, and what is too long for its path leaves in some
// (RFC 791 3.2, RFC 1122 3.3.2, 3.3.3).
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/3_network/ipv4/header.hpp"
#include "strata/3_network/ipv4/header_options.hpp"
#include "strata/3_network/ipv4/ipv4.hpp"

namespace strata::network {

// --- arriving

void Ipv4::fragment_arrived(Packet fragment, network::Arrival arrival) {
    const auto header = Ipv4HeaderView::parse(fragment.front());
    if (!header) return drop_in(fragment, &Ipv4Counters::ipInHdrErrors);
    const Fragment facts{.datagram = {.source = arrival.source,
                                      .destination = arrival.destination,
                                      .identification = header->identification(),
                                      .protocol = arrival.protocol},
                         .header_size = header->size(),
                         .offset = header->fragment_offset(),
                         .more = header->more_fragments(),
                         .ecn = static_cast<std::uint8_t>(arrival.traffic_class & 3),
                         .non_unicast = arrival.is_non_unicast()};
    auto whole = reassembly_.add(std::move(fragment), facts);
    if (!whole) return;
    // What is delivered is the datagram as it would have come whole: with the first one's header.
    make_whole(whole->packet.mutable_front().first(Ipv4HeaderView::size_of(whole->packet.front()[0])),
               whole->packet.size(), whole->ecn);
    const auto first = Ipv4HeaderView::parse(whole->packet.front());
    if (!first) return drop_in(whole->packet, &Ipv4Counters::ipInHdrErrors);
    arrival.ttl = first->ttl();
    arrival.traffic_class = first->traffic_class();
    deliver(whole->packet, arrival);
}

void Ipv4::timed_out(Packet first, bool non_unicast) {
    user_.undeliverable(std::move(first),
                        {.kind = ErrorReport::Kind::reassembly_time_exceeded, .non_unicast = non_unicast});
}

// --- leaving

// The payload's own checksum covers all of it, so it is completed before.
std::error_code Ipv4::send_fragments(Packet payload, const Path& path, const SendOptions& options) {
    ++counters_.ipOutFragReqds;
    payload.complete_checksum();
    const OptionBytes copied = copied_options(options.header_options);
    const std::size_t first_header = Ipv4HeaderView::size_min + options.header_options.size();
    const std::size_t later_header = Ipv4HeaderView::size_min + copied.size;
    if (path.mtu < first_header + fragment_unit) {
        drop_out(payload, &Ipv4Counters::ipOutFragFails);
        return Error::message_too_long;
    }
    Ipv4Header header{.traffic_class = options.traffic_class,
                      .identification = next_identification(path, options),
                      .dont_fragment = false,
                      .ttl = options.ttl,
                      .protocol = options.protocol,
                      .source = path.source.v4(),
                      .destination = path.destination.v4()};
    std::error_code error;
    const auto send_one = [&](std::size_t offset, std::size_t size, bool more) {
        if (error) return;  // without it the others are of no use
        const std::size_t header_size = offset == 0 ? first_header : later_header;
        header.options = offset == 0 ? options.header_options : copied.bytes();
        header.total_length = static_cast<std::uint16_t>(header_size + size);
        header.fragment_offset = offset;
        header.more_fragments = more;
        error = send_packet(payload.part(offset, size, path.headroom + copied.size, 0), path, header);
        if (!error) ++counters_.ipOutFragCreates;
    };
    for_each_fragment(payload.size(), path.mtu - first_header, path.mtu - later_header, send_one);
    if (!error) ++counters_.ipOutFragOKs;
    return error;
}

}  // namespace strata::network
