// Packets that leave: the header, and which way (RFC 791 3.2, RFC 1122 3.2.1, RFC 6864).
#include "strata/3_network/ipv4/header.hpp"
#include "strata/3_network/ipv4/ipv4.hpp"

namespace strata::network {

std::error_code Ipv4::send(Packet packet, const Path& path, const SendOptions& options) {
    if (path.generation == generation_) [[likely]]
        return send_on(std::move(packet), path, options);
    Path fresh = path;
    if (!refresh(fresh)) return refuse_to_send(packet, Error::no_route, counters_.ipOutNoRoutes, "ipOutNoRoutes");
    return send_on(std::move(packet), fresh, options);
}

std::error_code Ipv4::send_on(Packet packet, const Path& path, const SendOptions& options) {
    const std::size_t header_size = Ipv4HeaderView::size_min + options.header_options.size();
    const std::size_t total = header_size + packet.size();
    const bool super = packet.segmentation() != Segmentation::none;
    if (total > (super ? path.super_packet_max : path.mtu)) {
        return refuse_to_send(packet, Error::message_too_long, counters_.ipOutFragFails, "ipOutFragFails");
    }
    if (!path.local && !interfaces_[path.interface]->link.enabled()) {
        return refuse_to_send(packet, Error::network_down, counters_.ipOutDiscards, "ipOutDiscards");
    }
    Ipv4Header{.traffic_class = options.traffic_class,
               .total_length = static_cast<std::uint16_t>(total),
               .identification = next_identification(path, options),
               .dont_fragment = options.dont_fragment,
               .ttl = options.ttl,
               .protocol = options.protocol,
               .source = path.source.v4(),
               .destination = path.destination.v4(),
               .options = options.header_options}
        .write(packet.push_or_grow(header_size));
    packet.mark_network_header();
    ++counters_.ipOutRequests;
    counters_.ipOutOctets += total;
    context_.traced(Floor::network, Direction::down, Verdict::passed, "ipOutRequests", packet);
    if (path.local) return turn_round(std::move(packet));
    interfaces_[path.interface]->link.send(std::move(packet), path.next_hop);
    return {};
}

// RFC 6864 4.1: a packet that is not to be fragmented needs no identification. The others count up, each share of the
// destinations from a secret place of its own, so that what one host sees tells nothing about the traffic to another (RFC 7739 for IPv6).
std::uint16_t Ipv4::next_identification(const Path& path, const SendOptions& options) {
    if (options.dont_fragment) return 0;
    std::array<std::byte, 9> flow{};
    path.source.v4().store(flow.data());
    path.destination.v4().store(flow.data() + 4);
    store_u8(flow.data() + 8, static_cast<std::uint8_t>(options.protocol));
    return ++identifications_[siphash(identification_key_, flow) % identifications_.size()];
}

std::error_code Ipv4::refuse_to_send(const Packet& packet, Error error, std::uint64_t& counter,
                                     std::string_view reason) {
    ++counter;
    context_.traced(Floor::network, Direction::down, Verdict::dropped, reason, packet);
    return error;
}

}  // namespace strata::network
