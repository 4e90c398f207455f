// Packets that arrive: is the header sound, is it for us, and for which protocol (RFC 1122 3.2.1).
#include <algorithm>

#include "strata/3_network/ipv4/failed_packet.hpp"
#include "strata/3_network/ipv4/header.hpp"
#include "strata/3_network/ipv4/header_options.hpp"
#include "strata/3_network/ipv4/ipv4.hpp"

namespace strata::network {
namespace {

// Of a subnet of ours (RFC 919). In IPv4's own terms, since it is asked of every packet: an
// IpPrefix, of either version, costs several times as much.
bool is_directed_broadcast(Ipv4Address address, const IpInterfaceAddress& own) noexcept {
    return own.address.is_v4() && address == Ipv4Prefix{own.address.v4(), own.length}.broadcast();
}

}  // namespace

void Ipv4::arrived(Packet packet, const link::Arrival& arrival, const Interface& interface) {
    ++counters_.ipInReceives;
    counters_.ipInOctets += packet.size();
    if (!take_header(packet)) return;
    const auto header = Ipv4HeaderView::parse(packet.front());
    if (!header) return drop_in(packet, &Ipv4Counters::ipInHdrErrors);
    const Audience audience = audience_of(*header, &interface);
    const bool from_many = arrival.broadcast || arrival.multicast;
    // RFC 1122 3.3.6: what came to everybody on the link but names
    // one host is a mistake, or an attack's amplifier.
    if (audience == Audience::others || (from_many && audience == Audience::ourselves) ||
        !source_is_possible(header->source(), header->destination(), interface)) {
        return drop_in(packet, &Ipv4Counters::ipInAddrErrors);
    }
    if (audience == Audience::group && !source_is_wanted(*header, interface)) {
        return drop_in(packet, &Ipv4Counters::ipInUnwanted);
    }
    const bool non_unicast = from_many || audience != Audience::ourselves;
    if (header->size() > Ipv4HeaderView::size_min && !options_allowed(packet, non_unicast)) return;
    demultiplex(std::move(packet), audience, from_many, interface.id());
}

// RFC 7126 4.3, 4.4: a sender that chooses the way for its packets, and for the answers to them,
// passes by what keeps strangers away. RFC 1122 3.2.2.5: who makes a mistake is told where.
bool Ipv4::options_allowed(Packet& packet, bool non_unicast) {
    const auto header = Ipv4HeaderView::parse(packet.front());
    std::size_t fault = 0;
    const auto options = header ? HeaderOptions::parse(header->options(), &fault) : fail(Error::malformed);
    if (!options) {
        drop_in(packet, &Ipv4Counters::ipInHdrErrors);
        const auto pointer = static_cast<std::uint8_t>(Ipv4HeaderView::size_min + fault);
        user_.undeliverable(
            std::move(packet),
            {.kind = ErrorReport::Kind::parameter_problem, .non_unicast = non_unicast, .pointer = pointer});
        return false;
    }
    if (options->source_route && !options_.accept_source_routes) {
        drop_in(packet, &Ipv4Counters::ipInSourceRouted);
        return false;
    }
    return true;
}

// Tests the header, and trims what the link added behind the packet.
bool Ipv4::take_header(Packet& packet) {
    if (!packet.pull(Ipv4HeaderView::size_min) || !packet.pull(Ipv4HeaderView::size_of(packet.front()[0]))) {
        drop_in(packet, &Ipv4Counters::ipInHdrErrors);
        return false;
    }
    const auto header = Ipv4HeaderView::parse(packet.front());
    if (!header || !header->checksum_verified()) {
        drop_in(packet, &Ipv4Counters::ipInHdrErrors);
        return false;
    }
    if (header->total_length() > packet.size()) {
        drop_in(packet, &Ipv4Counters::ipInTruncatedPkts);
        return false;
    }
    packet.trim_end(packet.size() - header->total_length());
    return true;
}

// RFC 1122 3.2.1.3: a source must be one host, and neither ourselves
// nor a loopback address may come from a wire. Only a host that does
// not know its address yet has none, and speaks to everybody.
bool Ipv4::source_is_possible(Ipv4Address source, Ipv4Address destination, const Interface& interface) const noexcept {
    if (source.is_any()) return destination.is_broadcast() || destination.is_multicast();
    if (source.value() >> 24 == 0 || source.is_loopback() || source.is_multicast() || source.is_broadcast())
        return false;
    if (interfaces_.is_own(source)) return false;
    return std::ranges::none_of(interface.addresses(),
                                [&](const IpInterfaceAddress& own) { return is_directed_broadcast(source, own); });
}

// RFC 9776 3.2. What IGMP's routers and members say to a group is not its traffic.
bool Ipv4::source_is_wanted(const Ipv4HeaderView& header, const Interface& interface) noexcept {
    return header.protocol() == Protocol::igmp || interface.groups().admits(header.destination(), header.source());
}

// Any of our addresses, on whichever interface (RFC 1122 3.3.4.2's
// weak model), but 127/8 from ourselves alone.
Ipv4::Audience Ipv4::audience_of(const Ipv4HeaderView& header, const Interface* interface) const noexcept {
    const Ipv4Address destination = header.destination();
    if (interfaces_.is_own(destination)) return Audience::ourselves;
    if (interface == nullptr) return destination.is_loopback() ? Audience::ourselves : Audience::others;
    if (destination.is_broadcast()) return Audience::everybody;
    if (destination.is_multicast()) {
        const bool about_groups = interface->hears_all_groups() && header.protocol() == Protocol::igmp;
        return about_groups || interface->groups().joined(destination) ? Audience::group : Audience::others;
    }
    const bool directed = std::ranges::any_of(
        interface->addresses(), [&](const IpInterfaceAddress& own) { return is_directed_broadcast(destination, own); });
    return directed ? Audience::everybody : Audience::others;
}

// Needs take_header().
void Ipv4::demultiplex(Packet packet, Audience audience, bool link_broadcast, std::uint32_t interface) {
    const auto header = Ipv4HeaderView::parse(packet.front());
    if (!header) return drop_in(packet, &Ipv4Counters::ipInHdrErrors);
    const network::Arrival arrival{.source = header->source(),
                                   .destination = header->destination(),
                                   .protocol = header->protocol(),
                                   .ttl = header->ttl(),
                                   .traffic_class = header->traffic_class(),
                                   .interface = interface,
                                   .broadcast = audience == Audience::everybody || link_broadcast,
                                   .multicast = audience == Audience::group};
    if (header->is_fragment()) return fragment_arrived(std::move(packet), arrival);
    deliver(packet, arrival);
}

void Ipv4::deliver(Packet& packet, const network::Arrival& arrival) {
    User* user = user_.user_of(arrival.protocol);
    if (user == nullptr) {
        drop_in(packet, &Ipv4Counters::ipInUnknownProtos);
        return user_.undeliverable(std::move(packet), {.kind = ErrorReport::Kind::protocol_unreachable,
                                                       .non_unicast = arrival.is_non_unicast()});
    }
    ++counters_.ipInDelivers;
    context_.traced(Floor::network, Direction::up, Verdict::passed, &Ipv4Counters::ipInDelivers, packet);
    packet.mark_network_header();
    packet.trim(Ipv4HeaderView::size_of(packet.front()[0]));
    user->deliver(std::move(packet), arrival);
}

void Ipv4::arrived_from_ourselves(Packet packet, const Interface* interface) {
    ++counters_.ipInReceives;
    counters_.ipInOctets += packet.size();
    packet.set_segmentation(Segmentation::none, 0);
    if (packet.checksum_state() == ChecksumState::partial) packet.set_checksum_state(ChecksumState::verified);
    if (!take_header(packet)) return;
    const auto header = Ipv4HeaderView::parse(packet.front());
    if (!header) return drop_in(packet, &Ipv4Counters::ipInHdrErrors);
    const Audience audience = audience_of(*header, interface);
    if (audience != (interface == nullptr ? Audience::ourselves : Audience::group)) {
        return drop_in(packet, &Ipv4Counters::ipInAddrErrors);
    }
    demultiplex(std::move(packet), audience, false, interface == nullptr ? 0 : interface->id());
}

Result<FailedPacket> Ipv4::failed_packet(Bytes bytes) const { return failed_ipv4_packet(bytes); }

void Ipv4::drop_in(const Packet& packet, CounterOf<Ipv4Counters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::network, Direction::up, Verdict::dropped, counter, packet);
}

}  // namespace strata::network
