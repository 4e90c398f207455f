// SequenceNumber: a place in a stream, modulo 2^32 (RFC 9293 3.4).
//
// There is no operator<: on a circle "less" means nothing. before(a, b)
// asks whether a comes earlier than b, which is well defined while the
// two are less than 2^31 apart, as all numbers of one connection are.
#pragma once

#include <compare>
#include <cstdint>

namespace strata::transport::tcp {

class SequenceNumber {
public:
    constexpr SequenceNumber() = default;
    constexpr explicit SequenceNumber(std::uint32_t value) noexcept : value_(value) {}
    [[nodiscard]] constexpr std::uint32_t value() const noexcept { return value_; }

    constexpr SequenceNumber(const SequenceNumber&) = default;
    // Not to what a function returns: a part's number is changed by its verbs.
    constexpr SequenceNumber& operator=(const SequenceNumber&) & = default;
    constexpr bool operator==(const SequenceNumber&) const = default;
    constexpr SequenceNumber& operator+=(std::uint32_t count) & noexcept {
        value_ += count;
        return *this;
    }
    friend constexpr SequenceNumber operator+(SequenceNumber from, std::uint32_t count) noexcept {
        return SequenceNumber{from.value_ + count};
    }
    friend constexpr SequenceNumber operator-(SequenceNumber from, std::uint32_t count) noexcept {
        return SequenceNumber{from.value_ - count};
    }
    // How many octets from `from` on to `to`; only meaningful if `to` is not before `from`.
    friend constexpr std::uint32_t operator-(SequenceNumber to, SequenceNumber from) noexcept {
        return to.value_ - from.value_;
    }

private:
    std::uint32_t value_ = 0;
};

[[nodiscard]] constexpr bool before(SequenceNumber a, SequenceNumber b) noexcept {
    return static_cast<std::int32_t>(a.value() - b.value()) < 0;
}
[[nodiscard]] constexpr bool after(SequenceNumber a, SequenceNumber b) noexcept { return before(b, a); }
[[nodiscard]] constexpr bool not_before(SequenceNumber a, SequenceNumber b) noexcept { return !before(a, b); }
[[nodiscard]] constexpr bool not_after(SequenceNumber a, SequenceNumber b) noexcept { return !before(b, a); }
[[nodiscard]] constexpr SequenceNumber later_of(SequenceNumber a, SequenceNumber b) noexcept {
    return before(a, b) ? b : a;
}
[[nodiscard]] constexpr SequenceNumber earlier_of(SequenceNumber a, SequenceNumber b) noexcept {
    return before(a, b) ? a : b;
}

// The octets [begin, end).
struct SequenceRange {
    SequenceNumber begin;
    SequenceNumber end;
    [[nodiscard]] constexpr std::uint32_t size() const noexcept { return end - begin; }
    constexpr bool operator==(const SequenceRange&) const = default;
};

}  // namespace strata::transport::tcp
