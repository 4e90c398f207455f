// Packets that leave (RFC 791 3.2, RFC 1122 3.2.1, RFC 6864).
#include "strata/3_network/ipv4/header.hpp"
#include "strata/3_network/ipv4/ipv4.hpp"

namespace strata::network {

Ipv4::Ipv4(Context context, FamilyUser& user, const Interfaces& interfaces, Ipv4Options options)
    : context_(context),
      user_(user),
      interfaces_(interfaces),
      options_(options),
      reassembly_(context, *this, options.reassembly),
      identification_key_(SipKey::random(context.entropy)) {
    context.entropy.fill(std::as_writable_bytes(std::span{identifications_}));
}

FamilyFacts Ipv4::facts() const noexcept {
    return {.header_size = Ipv4HeaderView::size_min, .segmentation = Segmentation::tcp_ipv4};
}

std::error_code Ipv4::send(Packet packet, const Path& path, const SendOptions& options) {
    const std::size_t header_size = Ipv4HeaderView::size_min + options.header_options.size();
    const std::size_t total = header_size + packet.size();
    const bool super = packet.segmentation() != Segmentation::none;
    const bool probing = options.fragmentation == Fragmentation::probing;
    if (total > (super ? path.super_packet_max : probing ? path.link_mtu : path.mtu)) {
        const bool may_be_cut =
            !super && !probing && options.fragmentation != Fragmentation::forbidden && total <= ip_packet_max;
        if (may_be_cut) return send_fragments(std::move(packet), path, options);
        drop_out(packet, &Ipv4Counters::ipOutFragFails);
        return Error::message_too_long;
    }
    const bool dont_fragment = options.fragmentation != Fragmentation::allowed && (probing || !path.narrower);
    return send_packet(std::move(packet), path,
                       {.traffic_class = options.traffic_class,
                        .total_length = static_cast<std::uint16_t>(total),
                        .identification = dont_fragment ? std::uint16_t{0} : next_identification(path, options),
                        .dont_fragment = dont_fragment,
                        .ttl = options.ttl,
                        .protocol = options.protocol,
                        .source = path.source.v4(),
                        .destination = path.destination.v4(),
                        .options = options.header_options});
}

std::error_code Ipv4::send_packet(Packet packet, const Path& path, const Ipv4Header& header) {
    header.write(packet.push_or_grow(Ipv4HeaderView::size_min + header.options.size()));
    packet.mark_network_header();
    ++counters_.ipOutRequests;
    counters_.ipOutOctets += header.total_length;
    context_.traced(Floor::network, Direction::down, Verdict::passed, &Ipv4Counters::ipOutRequests, packet);
    const std::error_code error = user_.transmit(packet, path);
    if (error) drop_out(packet, &Ipv4Counters::ipOutDiscards);
    return error;
}

// RFC 6864 4.1: a packet that is not to be fragmented needs no identification. The others count up,
// each share of the destinations from a secret value of its own, so that what one host sees tells
// nothing about the traffic to another (RFC 7739 for IPv6).
std::uint16_t Ipv4::next_identification(const Path& path, const SendOptions& options) {
    std::array<std::byte, 9> flow{};
    path.source.v4().store(flow.data());
    path.destination.v4().store(flow.data() + 4);
    store_u8(flow.data() + 8, static_cast<std::uint8_t>(options.protocol));
    return ++identifications_[siphash(identification_key_, flow) % identifications_.size()];
}

void Ipv4::not_sent(const Packet& packet, Error why) {
    drop_out(packet, why == Error::no_route ? &Ipv4Counters::ipOutNoRoutes : &Ipv4Counters::ipOutDiscards);
}

void Ipv4::undelivered(const Packet& packet) { drop_out(packet, &Ipv4Counters::ipOutUnreachable); }

void Ipv4::drop_out(const Packet& packet, CounterOf<Ipv4Counters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::network, Direction::down, Verdict::dropped, counter, packet);
}

}  // namespace strata::network
