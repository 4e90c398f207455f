#include "strata/5_session/echo/table.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>

namespace strata::session {

bool EchoTable::add(const EchoRequest& request, bool non_unicast, Instant now, EchoHandler handler) {
    const auto refuse = [&](error_code why) {
        handler.complete(why, EchoReply{.from = {}, .sequence = request.sequence});
        return false;
    };
    if (request.payload_size > payload_size_max) return refuse(asio::error::message_size);
    const auto before = asked_.find(request.sequence);
    if (before != asked_.end() && before->second.waiting) return refuse(asio::error::in_progress);
    if (waiting() >= options_.echoes_waiting_max) return refuse(asio::error::no_buffer_space);
    if (before != asked_.end()) {  // the numbers have come round
        ended_.erase(before->second.ended_at);
        asked_.erase(before);
    }
    Asked& asked = asked_[request.sequence];
    asked.destination = request.destination;
    asked.payload_size = request.payload_size;
    asked.sent_at = now;
    asked.deadline = saturating_add(now, request.timeout);
    asked.non_unicast = non_unicast;
    asked.waiting.start(std::move(handler), [this, sequence = request.sequence] {
        not_sent(sequence, asio::error::operation_aborted);
        if (cancelled_) cancelled_();
    });
    deadlines_.emplace(asked.deadline, request.sequence);
    return true;
}

Bytes EchoTable::payload(std::size_t size) {
    const std::size_t had = text_.size();
    if (size > had) {
        text_.resize(size);
        entropy_.fill(MutableBytes{text_}.subspan(had));
    }
    return Bytes{text_}.first(size);
}

void EchoTable::answered(const EchoAnswer& answer, Instant now) {
    const auto entry = asked_.find(answer.sequence);
    if (entry == asked_.end()) return;
    Asked& asked = entry->second;
    EchoReply reply;
    reply.from = answer.from;
    reply.sequence = answer.sequence;
    reply.bytes = answer.payload.size() + header_size;
    reply.ttl = answer.ttl;
    reply.route = answer.route;
    reply.round_trip = now - asked.sent_at;
    reply.intact = std::ranges::equal(answer.payload, payload(asked.payload_size));
    reply.repeated = std::exchange(asked.answered, true);
    reply.non_unicast = asked.non_unicast;
    tell(entry, {}, reply);
}

// A faulty router, or an attacker that guesses, must not end a request to another host: identifier
// and number are 16 bits each, so the destination, which only a host that has seen the request
// knows, is compared too. What was answered did arrive, whatever comes after, and one error about a
// request is enough.
bool EchoTable::failed(const EchoFailure& failure, Instant now) {
    const auto entry = asked_.find(failure.sequence);
    if (entry == asked_.end()) return false;
    Asked& asked = entry->second;
    if (failure.destination != asked.destination || asked.answered || asked.failed) return false;
    asked.failed = true;
    EchoReply reply;
    reply.from = failure.from;
    reply.sequence = failure.sequence;
    reply.round_trip = now - asked.sent_at;
    reply.non_unicast = asked.non_unicast;
    reply.said = failure.said;
    reply.mtu = failure.mtu;
    reply.icmp = failure.icmp;
    tell(entry, failure.error, reply);
    return true;
}

void EchoTable::not_sent(std::uint16_t sequence, error_code error) {
    const auto entry = asked_.find(sequence);
    if (entry == asked_.end() || !entry->second.waiting) return;
    EchoReply reply;
    reply.sequence = sequence;
    finish(entry, error, reply);
}

std::optional<Instant> EchoTable::next_deadline() const {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->first;
}

void EchoTable::expire(Instant now) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now)
        not_sent(deadlines_.begin()->second, asio::error::timed_out);
}

void EchoTable::cancel() {
    while (!deadlines_.empty()) not_sent(deadlines_.begin()->second, asio::error::operation_aborted);
}

void EchoTable::abandon() noexcept {
    deadlines_.clear();
    ended_.clear();
    const auto abandoned = std::exchange(asked_, {});
}

// A listener is called as a handler is, never within this: what arrived first is told first.
void EchoTable::tell(Entry entry, error_code error, const EchoReply& reply) {
    if (entry->second.waiting) return finish(entry, error, reply);
    if (!listener_) return;
    asio::post(executor_, [this, alive = std::weak_ptr(alive_), error, reply] {
        if (alive.lock() && listener_) listener_(error, reply);
    });
}

void EchoTable::finish(Entry entry, error_code error, const EchoReply& reply) {
    auto& [sequence, asked] = *entry;
    deadlines_.erase({asked.deadline, sequence});
    asked.ended_at = ended_.insert(ended_.end(), sequence);
    asked.waiting.complete(error, reply);
    forget_the_oldest();
}

void EchoTable::forget_the_oldest() {
    while (ended_.size() > options_.echoes_remembered_max) {
        asked_.erase(ended_.front());
        ended_.pop_front();
    }
}

}  // namespace strata::session
