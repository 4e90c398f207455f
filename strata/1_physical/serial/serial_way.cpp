#include "strata/1_physical/serial/serial_way.hpp"

#include <algorithm>
#include <utility>

namespace strata::physical {
namespace {

constexpr unsigned bits_of_octet = 8;

}  // namespace

SerialWay::SerialWay(Context context, SerialUnit unit, const SerialWayOptions& options, std::uint64_t seed)
    : context_(context), unit_(unit), luck_(seed), delivery_([this] { due(); }), room_([this] { offer_room(); }) {
    set_options(options);
}

void SerialWay::set_options(const SerialWayOptions& options) {
    options_ = options;
    options_.delivery_octets_max = std::max<std::size_t>(options_.delivery_octets_max, 1);
    bit_errors_.set_probability(options.bit_errors, luck_);
    losses_.set_probability(options.losses, luck_);
    duplications_.set_probability(options.duplications, luck_);
    if (blocked_) context_.scheduler.arm_after(room_, Duration{});
}

// ------------------------------------------------------------------------------------------------ sending

std::size_t SerialWay::take(Bytes octets) {
    const std::size_t taken = std::min(octets.size(), room());
    counters_.serialOctets += taken;
    for (Bytes left = octets.first(taken); !left.empty();) {
        const Bytes next = left.first(std::min(left.size(), options_.delivery_octets_max));
        send_off(next);
        left = left.subspan(next.size());
    }
    if (taken < octets.size()) block();
    arm();
    return taken;
}

std::size_t SerialWay::take_unplugged(Bytes octets) {
    counters_.serialUnplugged += octets.size();
    return octets.size();
}

// What waits is what the rate leaves unsent; a duplicate may add one octet to each that flies.
std::size_t SerialWay::room() const noexcept {
    const std::size_t flight = options_.flight_octets_max - std::min(options_.flight_octets_max, flying_.size());
    if (options_.bits_per_second == 0) return flight;
    const Duration busy = std::max(free_at_ - context_.scheduler.now(), Duration{});
    const Duration whole = time_for(options_.queue_octets_max);
    if (busy == Duration{}) return std::min(flight, options_.queue_octets_max);
    if (busy >= whole) return 0;
    const auto free_bits =
        static_cast<double>((whole - busy).count()) * static_cast<double>(options_.bits_per_second) / 1e9;
    return std::min(flight, static_cast<std::size_t>(free_bits) / bits_of_octet);
}

Duration SerialWay::time_for(std::size_t octets) const noexcept {
    return Duration{
        static_cast<std::int64_t>(octets * bits_of_octet * std::uint64_t{1'000'000'000} / options_.bits_per_second)};
}

void SerialWay::send_off(Bytes octets) {
    const Instant now = context_.scheduler.now();
    free_at_ = std::max(free_at_, now);
    if (options_.bits_per_second != 0) free_at_ = saturating_add(free_at_, time_for(octets.size()));
    for (const std::byte octet : octets) unit_ == SerialUnit::octet ? carry_octet(octet) : carry_bits(octet);
    if (fresh_ == 0) return;
    last_arrival_ = std::max(last_arrival_, saturating_add(free_at_, options_.delay));
    deliveries_.push_back({last_arrival_, std::exchange(fresh_, 0)});
}

void SerialWay::carry_octet(std::byte octet) {
    if (losses_.happens(luck_)) {
        ++counters_.serialLost;
        return;
    }
    const std::byte carried = with_errors(octet);
    put_octet(carried);
    if (!duplications_.happens(luck_)) return;
    ++counters_.serialDuplicated;
    put_octet(carried);
}

void SerialWay::carry_bits(std::byte octet) {
    const auto bits = std::to_integer<unsigned>(with_errors(octet));
    for (unsigned place = 0; place < bits_of_octet; ++place) {
        if (losses_.happens(luck_)) {
            ++counters_.serialLost;
            continue;
        }
        put_bit(bits >> place & 1);
        if (!duplications_.happens(luck_)) continue;
        ++counters_.serialDuplicated;
        put_bit(bits >> place & 1);
    }
}

std::byte SerialWay::with_errors(std::byte octet) {
    for (unsigned place = 0; place < bits_of_octet; ++place) {
        if (!bit_errors_.happens(luck_)) continue;
        ++counters_.serialBitErrors;
        octet ^= std::byte{1} << place;
    }
    return octet;
}

void SerialWay::put_bit(unsigned bit) {
    packing_ |= bit << packed_bits_;
    if (++packed_bits_ < bits_of_octet) return;
    put_octet(static_cast<std::byte>(packing_));
    packing_ = 0;
    packed_bits_ = 0;
}

void SerialWay::put_octet(std::byte octet) {
    flying_.push_back(octet);
    ++fresh_;
}

// ------------------------------------------------------------------------------------------------ arriving

void SerialWay::arm() {
    if (!deliveries_.empty()) return context_.scheduler.arm(delivery_, deliveries_.front().at);
    if (packed_bits_ > 0) context_.scheduler.arm(delivery_, saturating_add(free_at_, options_.delay));
}

// A line on which nobody sends is marking: it carries ones. So the last bits of what was sent
// arrive also where others were lost on the way.
void SerialWay::become_idle() {
    if (packed_bits_ == 0 || context_.scheduler.now() < saturating_add(free_at_, options_.delay)) return;
    arriving_.push_back(static_cast<std::byte>(packing_ | 0xffu << packed_bits_));
    packing_ = 0;
    packed_bits_ = 0;
}

void SerialWay::due() {
    arriving_.clear();
    while (!deliveries_.empty() && deliveries_.front().at <= context_.scheduler.now()) {
        for (std::size_t left = deliveries_.pop_front().octets; left > 0; --left) {
            arriving_.push_back(flying_.pop_front());
        }
    }
    if (deliveries_.empty()) become_idle();
    arm();
    if (receiver_ == nullptr) {
        counters_.serialNobody += arriving_.size();
    } else if (!arriving_.empty()) {
        counters_.serialDelivered += arriving_.size();
        receiver_->octets_arrived(arriving_);
    }
    if (blocked_ && !room_.armed()) offer_room();
}

void SerialWay::lose_everything() {
    counters_.serialUnplugged += flying_.size();
    flying_.clear();
    deliveries_.clear();
    packing_ = 0;
    packed_bits_ = 0;
    free_at_ = context_.scheduler.now();
    context_.scheduler.cancel(delivery_);
    if (blocked_) context_.scheduler.arm_after(room_, Duration{});
}

// ------------------------------------------------------------------------------------------------ room

// With half of the queue sent, one call brings many octets. A flight that is full has room at its
// next delivery.
void SerialWay::block() {
    blocked_ = true;
    if (options_.bits_per_second == 0) return;
    const Duration half = time_for(options_.queue_octets_max - options_.queue_octets_max / 2);
    const Instant then = std::max(free_at_ - half, context_.scheduler.now() + time_for(1));
    context_.scheduler.arm(room_, then);
}

void SerialWay::offer_room() {
    if (!blocked_) return;
    if (room() == 0) return block();
    blocked_ = false;
    if (sender_ != nullptr) sender_->line_writable();
}

}  // namespace strata::physical
