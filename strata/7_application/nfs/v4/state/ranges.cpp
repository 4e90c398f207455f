#include "strata/7_application/nfs/v4/state/ranges.hpp"

#include <algorithm>

namespace strata::application::nfs::v4 {

const LockRanges::Range* LockRanges::conflict(const Owner* owner, const Span& span, bool write) const noexcept {
    const auto found = std::ranges::find_if(ranges_, [&](const Range& range) {
        return range.owner != owner && (write || range.write) && range.span.overlaps(span);
    });
    return found == ranges_.end() ? nullptr : &*found;
}

std::vector<LockRanges::Range> LockRanges::without(const Owner* owner, const Span& span) const {
    std::vector<Range> left;
    for (const Range& range : ranges_) {
        if (range.owner != owner || !range.span.overlaps(span)) {
            left.push_back(range);
            continue;
        }
        if (range.span.first < span.first) {
            left.push_back(range);
            left.back().span.last = span.first - 1;
        }
        if (range.span.last > span.last) {
            left.push_back(range);
            left.back().span.first = span.last + 1;
        }
    }
    return left;
}

std::vector<LockRanges::Range> LockRanges::with(const Range& added) const {
    std::vector<Range> ranges = without(added.owner, added.span);
    Range whole = added;
    std::erase_if(ranges, [&](const Range& range) {
        if (range.owner != whole.owner || range.state != whole.state || range.write != whole.write) return false;
        const bool is_before = whole.span.first > 0 && range.span.last == whole.span.first - 1;
        const bool is_behind = range.span.first > 0 && range.span.first - 1 == whole.span.last;
        if (is_before) whole.span.first = range.span.first;
        if (is_behind) whole.span.last = range.span.last;
        return is_before || is_behind;
    });
    ranges.push_back(whole);
    return ranges;
}

std::size_t LockRanges::remove_state(StateNumber state) {
    return std::erase_if(ranges_, [&](const Range& range) { return range.state == state; });
}

bool LockRanges::has_state(StateNumber state) const noexcept {
    return std::ranges::any_of(ranges_, [&](const Range& range) { return range.state == state; });
}

}  // namespace strata::application::nfs::v4
