#include "strata/4_transport/tcp/demultiplexer/time_wait.hpp"

namespace strata::transport::tcp {
namespace {

// RFC 6191 2: whether a SYN is surely younger than all of the old connection's segments.
bool is_newer(const TimeWait& record, const Segment& syn) {
    const bool beyond = after(syn.seq, record.rcv_nxt);
    if (!syn.options.timestamps) return beyond;
    if (!record.timestamps) return true;  // timestamps only now: PAWS will tell the two apart
    const auto age = static_cast<std::int32_t>(syn.options.timestamps->value - record.recent);
    return age > 0 || (age == 0 && beyond);
}

}  // namespace

bool TimeWaitTable::add(const ConnectionId& id, TimeWait record, Instant now) {
    erase(id);
    const bool evicted = !records_.empty() && records_.size() >= count_max_;
    if (evicted) erase(ConnectionId{records_.front().id});
    record.until = saturating_add(now, lifetime_);
    records_.push_back({id, record});
    by_id_.emplace(id, std::prev(records_.end()));
    return evicted;
}

TimeWait* TimeWaitTable::find(const ConnectionId& id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second->record;
}

void TimeWaitTable::erase(const ConnectionId& id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    records_.erase(found->second);
    by_id_.erase(found);
}

void TimeWaitTable::restart(const ConnectionId& id, Instant now) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    found->second->record.until = saturating_add(now, lifetime_);
    records_.splice(records_.end(), records_, found->second);
}

void TimeWaitTable::expire(Instant now) {
    while (!records_.empty() && records_.front().record.until <= now) erase(ConnectionId{records_.front().id});
}

TimeWaitVerdict segment_arrives_in_time_wait(const TimeWait& record, const Segment& segment) {
    // RFC 1337: a reset must not end TIME-WAIT.
    if (segment.has(ControlBits::rst)) return TimeWaitVerdict::ignore;
    if (segment.has(ControlBits::syn)) {
        const bool opens = !segment.has(ControlBits::ack) && !segment.has(ControlBits::fin);
        return opens && is_newer(record, segment) ? TimeWaitVerdict::reuse : TimeWaitVerdict::acknowledge;
    }
    if (!segment.has(ControlBits::ack)) return TimeWaitVerdict::ignore;
    // "The only thing that can arrive in this state is a retransmission of the remote FIN."
    const bool its_fin = segment.has(ControlBits::fin) && segment.seq + segment.len() == record.rcv_nxt;
    if (its_fin) return TimeWaitVerdict::restart;
    // An empty segment in order asks for nothing; anything else is
    // out of the window and is acknowledged.
    const bool in_order = segment.seq == record.rcv_nxt && segment.len() == 0;
    return in_order ? TimeWaitVerdict::ignore : TimeWaitVerdict::acknowledge;
}

SequenceNumber initial_sequence_after(const TimeWait& record, SequenceNumber fresh) noexcept {
    constexpr std::uint32_t window = 1u << 16;  // and a window beyond, so that no old acknowledgment fits
    const SequenceNumber least = record.snd_nxt + window;
    return after(fresh, least) ? fresh : least + 1;
}

}  // namespace strata::transport::tcp
