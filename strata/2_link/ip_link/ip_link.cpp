#include "strata/2_link/ip_link/ip_link.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace strata::link {
namespace {

Features features_of(const IpLinkOptions& options, const physical::PortFeatures& port) {
    return {.mtu = options.mtu == 0 ? port.mtu : std::min(options.mtu, port.mtu),
            .headroom = 0,
            .checksum_offload = true,
            .super_packet_max = port.super_frame_max};
}

}  // namespace

IpLink::IpLink(Context context, physical::Port& port, const IpLinkOptions& options)
    : PointToPoint(context, features_of(options, port.features()), options.queue), port_(port) {
    assert(port.features().framing == physical::Framing::ip);
    port_.attach(this);
    update_link();
}

IpLink::~IpLink() { port_.attach(nullptr); }

void IpLink::visit_counters(const CounterVisitor& visit) const {
    PointToPoint::visit_counters(visit);
    counters_.for_each(visit);
}

void IpLink::prepare(Packet& packet) {
    if (!port_.features().checksum_offload) packet.complete_checksum();
}

void IpLink::fill() {
    while (port_.writable()) {
        if (!refused_) {
            auto waiting = next_waiting();
            if (!waiting) return;
            count_out(waiting->packet.size());
            refused_ = std::move(waiting->packet);
        }
        if (port_.transmit(std::span{&refused_, 1}) == 0) return;
        refused_.reset();
    }
}

void IpLink::frames_arrived(std::span<Packet> frames) {
    std::size_t octets = 0;
    for (const Packet& frame : frames) octets += frame.size();
    arrival_begins(octets);
    for (Packet& frame : frames) packet_arrived(std::move(frame));
    arrival_ends();
}

// A checksum that is still to be completed never met a wire: whoever handed it over vouches for the
// bytes.
void IpLink::packet_arrived(Packet packet) {
    const unsigned version = packet.pull(1) ? load_u8(packet.front().data()) >> 4 : 0;
    if (version != 4 && version != 6) {
        ++counters_.ipLinkInNotIp;
        context().traced(Floor::link, Direction::up, Verdict::dropped, &IpLinkCounters::ipLinkInNotIp, packet);
        count_broken();
        return;
    }
    if (packet.checksum_state() == ChecksumState::partial) packet.set_checksum_state(ChecksumState::verified);
    deliver(std::move(packet), version == 4 ? EtherType::ipv4 : EtherType::ipv6);
}

}  // namespace strata::link
