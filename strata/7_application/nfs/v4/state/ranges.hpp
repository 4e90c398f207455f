// LockRanges: which bytes of a file are locked, and by whom (RFC 7530 9.2, 16.10). An owner's own
// locks never are in his way: a new one takes the place of what it covers, whatever its kind, and
// what touches becomes one.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "strata/7_application/nfs/v4/state/ids.hpp"

namespace strata::application::nfs::v4 {

struct Owner;

// From the first byte to the last.
struct Span {
    static constexpr std::uint64_t to_the_end = std::numeric_limits<std::uint64_t>::max();  // a length
    std::uint64_t first = 0, last = 0;
    [[nodiscard]] bool overlaps(const Span& other) const noexcept { return first <= other.last && other.first <= last; }
    [[nodiscard]] std::uint64_t length() const noexcept { return last == to_the_end ? to_the_end : last - first + 1; }
    // Nothing: of no length, or beyond what there is (RFC 7530 16.10.4, INVAL).
    [[nodiscard]] static std::optional<Span> of(std::uint64_t offset, std::uint64_t length) noexcept {
        if (length == to_the_end) return Span{offset, to_the_end};
        if (length == 0 || length - 1 > to_the_end - offset) return std::nullopt;
        return Span{offset, offset + length - 1};
    }
};

class LockRanges {
public:
    struct Range {
        const Owner* owner = nullptr;
        StateNumber state = 0;
        Span span;
        bool write = false;
    };

    // What another owner has, and does not go with it. Null: nothing.
    [[nodiscard]] const Range* conflict(const Owner* owner, const Span& span, bool write) const noexcept;
    // What there would be: with a lock, or without what an owner has there.
    [[nodiscard]] std::vector<Range> with(const Range& added) const;
    [[nodiscard]] std::vector<Range> without(const Owner* owner, const Span& span) const;
    void set(std::vector<Range> ranges) { ranges_ = std::move(ranges); }
    // How many went.
    std::size_t remove_state(StateNumber state);
    [[nodiscard]] bool has_state(StateNumber state) const noexcept;
    [[nodiscard]] const std::vector<Range>& all() const noexcept { return ranges_; }

private:
    std::vector<Range> ranges_;
};

}  // namespace strata::application::nfs::v4
