#include "strata/4_transport/tcp/half_open/syn_queue.hpp"

#include <algorithm>

namespace strata::transport::tcp {

HalfOpen HalfOpen::of(const ConnectionId& id, const Segment& syn, SequenceNumber iss) {
    HalfOpen half_open{.id = id, .iss = iss, .irs = syn.seq, .wnd = syn.wnd};
    half_open.peer_mss = syn.options.maximum_segment_size.value_or(mss_default);
    half_open.window_scaling = syn.options.window_scale.has_value();
    half_open.scale = syn.options.window_scale.value_or(std::uint8_t{0});
    half_open.sack = syn.options.sack_permitted;
    half_open.timestamps = syn.options.timestamps.has_value();
    if (half_open.timestamps) half_open.recent = syn.options.timestamps->value;
    return half_open;
}

SegmentOptions HalfOpen::options() const {
    SegmentOptions offered;
    offered.maximum_segment_size = peer_mss;
    if (window_scaling) offered.window_scale = scale;
    offered.sack_permitted = sack;
    if (timestamps) offered.timestamps = Timestamps{recent, 0};
    return offered;
}

Segment HalfOpen::as_syn(PacketPool& pool) const {
    Segment syn;
    syn.seq = irs;
    syn.control = ControlBits::syn;
    syn.wnd = wnd;
    syn.options = options();
    syn.payload = Packet::make(pool, 0);
    return syn;
}

HalfOpen* SynQueue::find(const ConnectionId& id) {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &*found->second;
}

bool SynQueue::add(HalfOpen half_open, Instant now) {
    const bool evicted = !by_id_.empty() && by_id_.size() >= count_max_;
    if (evicted) {
        const auto oldest = std::ranges::find_if_not(by_repeats_.rbegin(), by_repeats_.rend(),
                                                     [](const auto& list) { return list.empty(); });
        erase(ConnectionId{oldest->front().id});
    }
    half_open.sent_at = now;
    half_open.repeat_at = saturating_add(now, wait_after(0));
    by_repeats_.front().push_back(half_open);
    by_id_.emplace(half_open.id, std::prev(by_repeats_.front().end()));
    return evicted;
}

void SynQueue::erase(const ConnectionId& id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    const Place place = found->second;
    has_left(*place);
    by_id_.erase(found);
    by_repeats_[place->repeats].erase(place);
}

void SynQueue::wait_for_port(HalfOpen& half_open) {
    if (!half_open.waiting) half_open.waiting = waiting_.insert(waiting_.end(), half_open.id);
}

void SynQueue::has_left(HalfOpen& half_open) noexcept {
    if (half_open.waiting) waiting_.erase(*half_open.waiting);
    half_open.waiting.reset();
}

Duration SynQueue::wait_after(unsigned repeats) const noexcept {
    Duration wait = first_wait_;
    for (unsigned i = 0; i < repeats && wait < Duration::max() / 2; ++i) wait *= 2;
    return wait;
}

Instant SynQueue::next_deadline() const noexcept {
    Instant next = never;
    for (const auto& list : by_repeats_) {
        if (!list.empty()) next = std::min(next, list.front().repeat_at);
    }
    return next;
}

HalfOpen* SynQueue::due(Instant now, std::uint64_t& given_up) {
    for (unsigned repeats = 0; repeats < by_repeats_.size(); ++repeats) {
        std::list<HalfOpen>& list = by_repeats_[repeats];
        while (!list.empty() && list.front().repeat_at <= now) {
            if (repeats + 1 == by_repeats_.size()) {
                ++given_up;
                erase(ConnectionId{list.front().id});
                continue;
            }
            std::list<HalfOpen>& next = by_repeats_[repeats + 1];
            next.splice(next.end(), list, list.begin());
            HalfOpen& half_open = next.back();
            half_open.repeats = static_cast<std::uint8_t>(repeats + 1);
            half_open.sent_at = now;
            half_open.repeat_at = saturating_add(now, wait_after(repeats + 1));
            return &half_open;
        }
    }
    return nullptr;
}

}  // namespace strata::transport::tcp
