#include "strata/2_link/lapb/framing/bit_stuffing.hpp"

#include <utility>

namespace strata::link {
namespace {

constexpr unsigned octet_bits = 8;
constexpr unsigned ones_before_stuffing = 5;
constexpr unsigned ones_of_flag = 6;

}  // namespace

// ------------------------------------------------------------------------------------------------ sending

void BitStuffing::append(Bytes frame, std::vector<std::byte>& to) {
    if (!flagged_) put_flag(to);
    flagged_ = false;
    check_.reset();
    for (const std::byte octet : frame) {
        check_.add(octet);
        put_stuffed(octet, to);
    }
    const std::uint32_t value = check_.value();
    for (std::size_t i = 0; i < check_.size(); ++i) put_stuffed(static_cast<std::byte>(value >> 8 * i), to);
    put_flag(to);
}

// n flags that share their first zero are 7n bits: as many as bits are over end with an octet.
bool BitStuffing::finish(std::vector<std::byte>& to) {
    // After a pause the line may have made bits of its own: the next frame gets a flag of its own.
    flagged_ = false;
    if (packed_ == 0) return false;
    for (unsigned flags = packed_; flags > 0; --flags) {
        for (unsigned ones = ones_of_flag; ones > 0; --ones) put_bit(true, to);
        put_bit(false, to);
    }
    return true;
}

void BitStuffing::reset() noexcept {
    packing_ = 0;
    packed_ = 0;
    ones_ = 0;
    flagged_ = false;
}

void BitStuffing::put_bit(bool one, std::vector<std::byte>& to) {
    packing_ |= (one ? 1u : 0u) << packed_;
    if (++packed_ < octet_bits) return;
    to.push_back(static_cast<std::byte>(packing_));
    packing_ = 0;
    packed_ = 0;
}

void BitStuffing::put_stuffed(std::byte octet, std::vector<std::byte>& to) {
    const auto bits = std::to_integer<unsigned>(octet);
    for (unsigned place = 0; place < octet_bits; ++place) {
        const bool one = (bits >> place & 1) != 0;
        put_bit(one, to);
        ones_ = one ? ones_ + 1 : 0;
        if (ones_ < ones_before_stuffing) continue;
        put_bit(false, to);
        ones_ = 0;
    }
}

void BitStuffing::put_flag(std::vector<std::byte>& to) {
    put_bit(false, to);
    for (unsigned ones = ones_of_flag; ones > 0; --ones) put_bit(true, to);
    put_bit(false, to);
    ones_ = 0;
    flagged_ = true;
}

// ------------------------------------------------------------------------------------------------ arriving

void BitUnstuffing::feed(Bytes octets) {
    for (const std::byte octet : octets) {
        const auto bits = std::to_integer<unsigned>(octet);
        for (unsigned place = 0; place < octet_bits; ++place) bit((bits >> place & 1) != 0);
    }
}

// Ones are data only once a zero has shown that they are no part of a flag.
void BitUnstuffing::bit(bool one) {
    if (!one) return zero();
    if (ones_ > ones_of_flag) return;
    if (++ones_ <= ones_of_flag || !in_frame_) return;
    in_frame_ = false;
    assembler_.abort();
    packed_ = 0;
    packing_ = 0;
}

void BitUnstuffing::zero() {
    const unsigned ones = std::exchange(ones_, 0);
    if (ones == ones_of_flag) {
        // The flag's own zero was taken for data before its ones came.
        assembler_.flag(packed_ == 0 ? octet_bits - 1 : packed_ - 1);
        packed_ = 0;
        packing_ = 0;
        in_frame_ = true;
        return;
    }
    if (!in_frame_) return;
    for (unsigned left = ones; left > 0; --left) data(true);
    if (ones != ones_before_stuffing) data(false);
}

void BitUnstuffing::data(bool one) {
    packing_ |= (one ? 1u : 0u) << packed_;
    if (++packed_ < octet_bits) return;
    assembler_.add(static_cast<std::byte>(packing_));
    packing_ = 0;
    packed_ = 0;
}

void BitUnstuffing::reset() noexcept {
    assembler_.reset();
    in_frame_ = false;
    ones_ = 0;
    packed_ = 0;
    packing_ = 0;
}

}  // namespace strata::link
