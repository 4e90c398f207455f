#include "strata/5_session/probe/table.hpp"

#include <boost/asio/error.hpp>

namespace strata::session {

std::optional<ProbeTable::Number> ProbeTable::add(const ProbeRequest& request, Instant now, ProbeHandler handler) {
    if (probes_.size() >= options_.probes_waiting_max) {
        handler.complete(asio::error::no_buffer_space, {});
        return std::nullopt;
    }
    const Number number = ++latest_;
    Probe& probe = probes_[number];
    probe.sent_at = now;
    probe.deadline = saturating_add(now, request.timeout);
    deadlines_.emplace(probe.deadline, number);
    probe.waiting.start(std::move(handler), [this, number] { not_sent(number, asio::error::operation_aborted); });
    return number;
}

void ProbeTable::answered(Number number, ProbeReply reply, Instant now) {
    const auto probe = probes_.find(number);
    if (probe == probes_.end()) return;
    reply.round_trip = now - probe->second.sent_at;
    finish(number, {}, reply);
}

void ProbeTable::not_sent(Number number, error_code error, std::size_t mtu) {
    ProbeReply reply;
    reply.mtu = mtu;
    finish(number, error, reply);
}

std::optional<Instant> ProbeTable::next_deadline() const {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->first;
}

void ProbeTable::expire(Instant now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now)
        finish(deadlines_.begin()->second, asio::error::timed_out, {});
}

void ProbeTable::cancel() {
    while (!deadlines_.empty()) finish(deadlines_.begin()->second, asio::error::operation_aborted, {});
}

void ProbeTable::abandon() noexcept {
    deadlines_.clear();
    const auto abandoned = std::exchange(probes_, {});
}

void ProbeTable::finish(Number number, error_code error, const ProbeReply& reply) {
    auto probe = probes_.extract(number);
    if (probe.empty()) return;
    deadlines_.erase({probe.mapped().deadline, number});
    probe.mapped().waiting.complete(error, reply);
    ended_(number);
}

}  // namespace strata::session
