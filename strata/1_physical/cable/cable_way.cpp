#include "strata/1_physical/cable/cable_way.hpp"

#include <algorithm>

namespace strata::physical {
namespace {

// Ethernet header, a VLAN tag, frame check sequence: what a frame may have beside its payload.
constexpr std::size_t frame_overhead = 14 + 4 + 4;

Duration time_to_send(std::size_t bytes, std::uint64_t bits_per_second) noexcept {
    return Duration{static_cast<std::int64_t>(std::uint64_t{bytes} * 8 * 1'000'000'000 / bits_per_second)};
}

constexpr auto arrives_later = [](const auto& a, const auto& b) noexcept {
    return a.at != b.at ? a.at > b.at : a.order > b.order;
};

}  // namespace

CableWay::CableWay(Context context, const PortFeatures& features, const CableWayOptions& options, std::uint64_t seed)
    : context_(context),
      features_(features),
      options_(options),
      does_nothing_(options.does_nothing()),
      luck_(seed),
      delivery_([this] { deliver_due(); }),
      room_([this] { offer_room(); }) {}

void CableWay::set_options(const CableWayOptions& options) {
    options_ = options;
    does_nothing_ = options.does_nothing();
    if (blocked_) context_.scheduler.arm_after(room_, Duration{});
}

std::size_t CableWay::take(std::span<Packet> frames) {
    if (does_nothing_ && flying_.empty() && held_up_.empty()) return take_at_once(frames);
    forget_departed();
    std::size_t taken = 0;
    for (Packet& frame : frames) {
        const bool full = queue_full();
        if (flight_full() || (full && !options_.drop_when_full)) {
            block();
            break;
        }
        ++taken;
        if (!fits(frame)) {
            drop(frame, &CableCounters::cableUnfit);
        } else if (full) {
            drop(frame, &CableCounters::cableQueueFull);
        } else {
            send_off(std::move(frame));
        }
    }
    arm_delivery();
    return taken;
}

std::size_t CableWay::take_at_once(std::span<Packet> frames) {
    std::size_t taken = 0;
    for (Packet& frame : frames) {
        const bool full = at_once_.size() >= options_.queue_frames_max || at_once_bytes_ >= options_.queue_bytes_max;
        if (full && !options_.drop_when_full) {
            blocked_ = true;  // room comes with the delivery that is already due
            break;
        }
        ++taken;
        if (full) {
            drop(frame, &CableCounters::cableQueueFull);
        } else if (!fits(frame)) {
            drop(frame, &CableCounters::cableUnfit);
        } else {
            forget_checksum(frame);
            at_once_bytes_ += frame.size();
            counters_.cableOctets += frame.size();
            ++counters_.cableFrames;
            at_once_.push_back(std::move(frame));
        }
    }
    if (!at_once_.empty() && !delivery_.armed()) context_.scheduler.arm_after(delivery_, Duration{});
    return taken;
}

std::size_t CableWay::take_unplugged(std::span<Packet> frames) {
    for (Packet& frame : frames) drop(frame, &CableCounters::cableUnplugged);
    return frames.size();
}

void CableWay::lose_everything() {
    const auto lose = [this](Packet& frame) { drop(frame, &CableCounters::cableUnplugged); };
    for (Packet& frame : at_once_) lose(frame);
    at_once_.clear();
    at_once_bytes_ = 0;
    for (; !flying_.empty(); (void)flying_.pop_front()) lose(flying_.front().frame);
    for (Flying& flying : held_up_) lose(flying.frame);
    held_up_.clear();
    departures_.clear();
    queue_bytes_ = 0;
    flight_bytes_ = 0;
    free_at_ = context_.scheduler.now();
    context_.scheduler.cancel(delivery_);
    if (blocked_) context_.scheduler.arm_after(room_, Duration{});
}

// A frame that needs work which nobody on this cable would do must not get through unfinished.
bool CableWay::fits(const Packet& frame) const noexcept {
    if (frame.checksum_state() == ChecksumState::partial && !features_.checksum_offload) return false;
    const bool super = frame.segmentation() != Segmentation::none;
    return frame.size() <= frame_overhead + (super ? features_.super_frame_max : features_.mtu);
}

// A wire carries bits, not the sender's word that they are right.
void CableWay::forget_checksum(Packet& frame) const noexcept {
    if (!features_.checksum_offload) frame.set_checksum_state(ChecksumState::unknown);
}

bool CableWay::queue_full() const noexcept {
    return departures_.size() >= options_.queue_frames_max || queue_bytes_ >= options_.queue_bytes_max;
}

void CableWay::forget_departed() noexcept {
    while (!departures_.empty() && departures_.front().at <= context_.scheduler.now()) {
        queue_bytes_ -= departures_.pop_front().bytes;
    }
}

// Returns when the last bit is sent.
Instant CableWay::leave_queue(std::size_t bytes) {
    const Instant now = context_.scheduler.now();
    if (options_.bits_per_second == 0) return std::max(now, free_at_);
    free_at_ = saturating_add(std::max(now, free_at_), time_to_send(bytes, options_.bits_per_second));
    departures_.push_back({free_at_, bytes});
    queue_bytes_ += bytes;
    return free_at_;
}

void CableWay::send_off(Packet frame) {
    forget_checksum(frame);
    ++counters_.cableFrames;
    counters_.cableOctets += frame.size();
    Instant at = saturating_add(leave_queue(frame.size()), options_.delay);
    if (options_.jitter > Duration{}) {
        const auto more = luck_.below(static_cast<std::uint64_t>(options_.jitter.count()) + 1);
        at = saturating_add(at, Duration{static_cast<std::int64_t>(more)});
    }
    if (luck_.chance(options_.loss)) return drop(frame, &CableCounters::cableLost);
    if (luck_.chance(options_.bit_errors)) {
        // Without a frame check nothing above would notice, so we do what a port's hardware does: a
        // broken frame is not passed on.
        if (!features_.frame_check) return drop(frame, &CableCounters::cableCorrupted);
        ++counters_.cableCorrupted;
        frame = corrupted(frame);
    }
    if (luck_.chance(options_.duplication)) {
        ++counters_.cableDuplicated;
        fly(frame.clone(), at);
    }
    fly(std::move(frame), at);
}

// The bytes may be shared with the sender, so the damage is done to a copy.
Packet CableWay::corrupted(const Packet& frame) {
    Packet copy = frame.flat_copy(frame.headroom());
    if (copy.checksum_state() == ChecksumState::verified) copy.set_checksum_state(ChecksumState::unknown);
    const MutableBytes bytes = copy.mutable_front();
    if (bytes.empty()) return copy;
    for (std::uint64_t flips = 1 + luck_.below(4); flips > 0; --flips) {
        bytes[luck_.below(bytes.size())] ^= std::byte{1} << luck_.below(8);
    }
    return copy;
}

void CableWay::fly(Packet frame, Instant at) {
    // A bound on memory counts what is held, and a frame that keeps a block it hardly needs is
    // copied before it comes to that.
    if (flight_bytes_ + frame.memory() > options_.flight_bytes_max / 2) frame.compact();
    flight_bytes_ += frame.memory();
    if (luck_.chance(options_.reordering)) {
        ++counters_.cableReordered;
        held_up_.push_back({saturating_add(at, options_.reordering_delay), ++order_, std::move(frame)});
        std::ranges::push_heap(held_up_, arrives_later);
        return;
    }
    last_arrival_ = std::max(last_arrival_, at);
    flying_.push_back({last_arrival_, ++order_, std::move(frame)});
}

void CableWay::arm_delivery() {
    Instant next = at_once_.empty() ? never : context_.scheduler.now();
    if (!flying_.empty()) next = std::min(next, flying_.front().at);
    if (!held_up_.empty()) next = std::min(next, held_up_.front().at);
    if (next < delivery_.deadline()) context_.scheduler.arm(delivery_, next);
}

void CableWay::collect_due(Instant now) {
    std::swap(burst_, at_once_);
    at_once_bytes_ = 0;
    for (;;) {
        const bool due = !flying_.empty() && flying_.front().at <= now;
        const bool held_due = !held_up_.empty() && held_up_.front().at <= now;
        if (!due && !held_due) return;
        Flying next;
        if (!due || (held_due && arrives_later(flying_.front(), held_up_.front()))) {
            std::ranges::pop_heap(held_up_, arrives_later);
            next = std::move(held_up_.back());
            held_up_.pop_back();
        } else {
            next = flying_.pop_front();
        }
        flight_bytes_ -= next.frame.memory();
        burst_.push_back(std::move(next.frame));
    }
}

void CableWay::deliver_due() {
    collect_due(context_.scheduler.now());
    arm_delivery();
    if (receiver_ == nullptr) {
        for (Packet& frame : burst_) drop(frame, &CableCounters::cableNobody);
    } else if (!burst_.empty()) {
        counters_.cableDelivered += burst_.size();
        receiver_->frames_arrived(burst_);
    }
    burst_.clear();
    if (blocked_ && !room_.armed()) offer_room();
}

void CableWay::block() {
    blocked_ = true;
    // With half of the queue sent, one call brings many frames. A
    // flight that is full has room at its next delivery.
    if (!departures_.empty()) context_.scheduler.arm(room_, departures_[departures_.size() / 2].at);
}

void CableWay::offer_room() {
    if (!blocked_) return;
    forget_departed();
    if (flight_full() || (queue_full() && !options_.drop_when_full)) return block();
    blocked_ = false;
    if (sender_ != nullptr) sender_->port_writable();
}

void CableWay::drop(Packet& frame, CounterOf<CableCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::physical, Direction::down, Verdict::dropped, counter, frame);
    frame.reset();
}

}  // namespace strata::physical
