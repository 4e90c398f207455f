#include "strata/4_transport/tcp/demultiplexer/time_wait.hpp"

namespace strata::transport::tcp {

bool TimeWaitTable::add(const ConnectionId& id, const TimeWait& record) {
    const bool evicted = records_.size() >= count_max_ && drop_oldest();
    records_.insert_or_assign(id, record);
    queue_.push_back({id, record.until});
    return evicted;
}

bool TimeWaitTable::drop_oldest() {
    while (!queue_.empty()) {
        const Place place = queue_.front();
        queue_.pop_front();
        const auto found = records_.find(place.id);
        if (found == records_.end() || found->second.until != place.until) continue;  // gone, or restarted
        records_.erase(found);
        return true;
    }
    return false;
}

TimeWait* TimeWaitTable::find(const ConnectionId& id) {
    const auto found = records_.find(id);
    return found == records_.end() ? nullptr : &found->second;
}

void TimeWaitTable::restart(const ConnectionId& id, Instant until) {
    TimeWait* record = find(id);
    // A second restart within the same instant needs no second place; and the queue stays bounded.
    if (record == nullptr || record->until == until || queue_.size() > 4 * count_max_) return;
    record->until = until;
    queue_.push_back({id, until});
}

void TimeWaitTable::expire(Instant now) {
    while (!queue_.empty() && queue_.front().until <= now) drop_oldest();
}

TimeWaitVerdict segment_arrives_in_time_wait(const TimeWait& record, const Segment& segment) {
    // RFC 1337: a reset must not end TIME-WAIT.
    if (segment.has(ControlBits::rst)) return TimeWaitVerdict::ignore;
    if (segment.has(ControlBits::syn) && !segment.has(ControlBits::ack)) {
        const bool newer = record.timestamps && segment.options.timestamps
                               ? static_cast<std::int32_t>(segment.options.timestamps->value - record.recent) > 0
                               : after(segment.seq, record.rcv_nxt);
        return newer ? TimeWaitVerdict::reuse : TimeWaitVerdict::acknowledge;
    }
    if (segment.has(ControlBits::fin)) return TimeWaitVerdict::restart;
    // An empty segment in order asks for nothing; anything else is out of the window and is acknowledged.
    const bool in_order = segment.seq == record.rcv_nxt && segment.len() == 0;
    return in_order ? TimeWaitVerdict::ignore : TimeWaitVerdict::acknowledge;
}

}  // namespace strata::transport::tcp
