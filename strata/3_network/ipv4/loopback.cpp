// Packets that turn round: to ourselves (RFC 1122 3.2.1.3 (g)), and those for which no neighbour answered.
//
// Both wait in bounded queues that a timer turns over at the same instant, never inside send(): whoever sends must not find
// itself called before send() returned.
#include "strata/3_network/ipv4/header.hpp"
#include "strata/3_network/ipv4/ipv4.hpp"

namespace strata::network {
namespace {

constexpr std::size_t reported_max = 128;  // the longest IP header, and what a transport looks at

}  // namespace

std::error_code Ipv4::turn_round(Packet packet) {
    if (loopback_bytes_ + packet.memory() > options_.loopback_bytes_max / 2) packet.compact();
    const std::size_t bytes = packet.memory();
    if (loopback_.size() >= options_.loopback_packets_max || loopback_bytes_ + bytes > options_.loopback_bytes_max) {
        return refuse_to_send(packet, Error::no_buffers, counters_.ipOutDiscards, "ipOutDiscards");
    }
    loopback_bytes_ += bytes;
    loopback_.push_back(std::move(packet));
    if (loopback_.size() >= options_.loopback_ready_max) loopback_was_full_ = true;
    if (!later_.armed()) context_.scheduler.arm_after(later_, Duration{});
    return {};
}

void Ipv4::undelivered(Packet packet) {
    ++counters_.ipOutUnreachable;
    context_.traced(Floor::network, Direction::down, Verdict::dropped, "ipOutUnreachable", packet);
    if (undelivered_.size() >= options_.undelivered_max) return;
    // Its headers are all that report_undelivered() looks at; they must not keep the rest.
    packet.trim_end(packet.size() - std::min(packet.size(), reported_max));
    packet.compact();
    undelivered_.push_back(std::move(packet));
    if (!later_.armed()) context_.scheduler.arm_after(later_, Duration{});
}

void Ipv4::later_due() {
    for (std::size_t count = undelivered_.size(); count > 0; --count) report_undelivered(undelivered_.pop_front());
    // Only what waits now: answers to ourselves come in the next round, so that other timers get their turn.
    const std::size_t arrived = loopback_.size();
    for (std::size_t i = 0; i < arrived; ++i) {
        Packet packet = loopback_.pop_front();
        loopback_bytes_ -= packet.memory();
        arrived_from_ourselves(std::move(packet));
    }
    if (arrived > 0) tell_burst_ended();
    if (!loopback_.empty() || !undelivered_.empty()) context_.scheduler.arm_after(later_, Duration{});
    if (loopback_was_full_ && loopback_.size() < options_.loopback_ready_max) {
        loopback_was_full_ = false;
        tell_writable();
    }
}

void Ipv4::arrived_from_ourselves(Packet packet) {
    ++counters_.ipInReceives;
    counters_.ipInOctets += packet.size();
    packet.set_segmentation(Segmentation::none, 0);
    if (packet.checksum_state() == ChecksumState::partial) packet.set_checksum_state(ChecksumState::verified);
    if (!take_header(packet)) return;
    const auto header = Ipv4HeaderView::parse(packet.front());
    if (!header || audience_of(header->destination(), nullptr) != Audience::ourselves) {
        return drop_in(packet, counters_.ipInAddrErrors, "ipInAddrErrors");
    }
    demultiplex(std::move(packet), Audience::ourselves, false, 0);
}

// Tells the transport what a router would have told it (RFC 1122 2.4, 3.2.2.1).
void Ipv4::report_undelivered(Packet packet) {
    (void)packet.pull(packet.size());
    const auto failed = FailedPacket::parse(packet.front());
    if (!failed) return;
    const ErrorReport report{.kind = ErrorReport::Kind::host_unreachable,
                             .protocol = failed->protocol,
                             .source = failed->source,
                             .destination = failed->destination,
                             .reporter = failed->source,
                             .transport_header = failed->transport_header};
    User* user = users_[static_cast<std::uint8_t>(report.protocol)];
    if (user != nullptr) user->error(report);
}

}  // namespace strata::network
