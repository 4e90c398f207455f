#include "strata/3_network/interfaces/loopback.hpp"

#include <algorithm>

namespace strata::network {
namespace {

constexpr std::size_t reported_max = 128;  // the longest IPv4 header, and what a transport looks at

}  // namespace

Loopback::Loopback(Context context, LoopbackUser& user, const LoopbackOptions& options)
    : context_(context), user_(user), options_(options), timer_([this] { due(); }) {}

void Loopback::arm() {
    if (!timer_.armed()) context_.scheduler.arm_after(timer_, Duration{});
}

std::error_code Loopback::turn_round(Packet& packet, std::uint32_t interface) {
    if (bytes_ + packet.memory() > options_.bytes_max / 2) packet.compact();
    const std::size_t bytes = packet.memory();
    if (packets_.size() >= options_.packets_max || bytes_ + bytes > options_.bytes_max) return Error::no_buffers;
    bytes_ += bytes;
    packets_.push_back({std::move(packet), interface});
    if (!ready()) was_full_ = true;
    arm();
    return {};
}

bool Loopback::report_later(Packet packet) {
    if (undelivered_.size() >= options_.undelivered_max) return false;
    // Its headers are all that a report looks at; they must not keep the rest.
    packet.trim_end(packet.size() - std::min(packet.size(), reported_max));
    packet.compact();
    undelivered_.push_back(std::move(packet));
    arm();
    return true;
}

void Loopback::due() {
    for (std::size_t count = undelivered_.size(); count > 0; --count) {
        user_.report_undelivered(undelivered_.pop_front());
    }
    // Only what waits now: answers to ourselves come in the next
    // round, so that other timers get their turn.
    const std::size_t arrived = packets_.size();
    for (std::size_t i = 0; i < arrived; ++i) {
        Turned turned = packets_.pop_front();
        bytes_ -= turned.packet.memory();
        user_.looped_back(std::move(turned.packet), turned.interface);
    }
    if (arrived > 0) user_.burst_ended();
    if (!packets_.empty() || !undelivered_.empty()) arm();
    if (was_full_ && ready()) {
        was_full_ = false;
        user_.writable();
    }
}

}  // namespace strata::network
