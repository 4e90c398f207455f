#include "strata/4_transport/tcp/receive/reassembly.hpp"

#include <algorithm>
#include <array>

#include "strata/4_transport/tcp/receive/buffer.hpp"

namespace strata::transport::tcp {
namespace {

// Slices that would pin far more memory than they hold are moved to a block of their own size.
Slice kept(PacketPool& pool, Slice slice) {
    if (!wasteful(slice)) return slice;
    Slice copy{pool.allocate(slice.length), 0, slice.length};
    std::memcpy(copy.data(), slice.data(), slice.length);
    return copy;
}

void append_slice(std::vector<Slice>& slices, Slice slice) {
    if (slice.length == 0) return;
    if (!slices.empty() && slices.back().adjoins(slice)) {
        slices.back().length += slice.length;
    } else {
        slices.push_back(std::move(slice));
    }
}

}  // namespace

bool Reassembly::insert(PacketPool& pool, SequenceNumber seq, Packet text, std::size_t ranges_max) {
    SequenceRange at{seq, seq + static_cast<std::uint32_t>(text.size())};
    // The first range that ends at or behind our beginning: the only one that can hold our first octets.
    auto place = std::ranges::find_if(ranges_, [&](const Range& range) { return not_before(range.at.end, at.begin); });
    if (place != ranges_.end() && not_after(place->at.begin, at.begin)) {
        place->changed = ++changes_;
        if (not_after(at.end, place->at.end)) return true;  // nothing new
        text.trim(place->at.end - at.begin);
        place->at.end = at.end;
        text.take_slices([&](Slice slice) { append_slice(place->slices, kept(pool, std::move(slice))); });
    } else {
        if (ranges_.size() >= ranges_max) return false;
        Range range{at, {}, ++changes_};
        text.take_slices([&](Slice slice) { append_slice(range.slices, kept(pool, std::move(slice))); });
        place = ranges_.insert(place, std::move(range));
    }
    merge_followers(static_cast<std::size_t>(place - ranges_.begin()));
    return true;
}

// Joins the ranges that the one at `index` now touches or covers.
void Reassembly::merge_followers(std::size_t index) {
    Range& range = ranges_[index];
    std::size_t next = index + 1;
    for (; next < ranges_.size() && not_after(ranges_[next].at.begin, range.at.end); ++next) {
        Range& follower = ranges_[next];
        if (not_after(follower.at.end, range.at.end)) continue;  // covered
        std::uint32_t skip = range.at.end - follower.at.begin;
        for (const Slice& slice : follower.slices) {
            const std::uint32_t here = std::min(skip, slice.length);
            skip -= here;
            append_slice(range.slices, slice.part(here, slice.length - here));
        }
        range.at.end = follower.at.end;
    }
    ranges_.erase(ranges_.begin() + static_cast<std::ptrdiff_t>(index + 1),
                  ranges_.begin() + static_cast<std::ptrdiff_t>(next));
}

SackBlocks Reassembly::sack_blocks(std::size_t count_max) const {
    std::array<const Range*, SackBlocks::capacity> newest{};
    std::size_t count = 0;
    count_max = std::min(count_max, newest.size());
    for (const Range& range : ranges_) {
        std::size_t place = count;
        while (place > 0 && newest[place - 1]->changed < range.changed) --place;
        if (place >= count_max) continue;
        count = std::min(count + 1, count_max);
        for (std::size_t i = count - 1; i > place; --i) newest[i] = newest[i - 1];
        newest[place] = &range;
    }
    SackBlocks blocks;
    for (std::size_t i = 0; i < count; ++i) blocks.push_back(newest[i]->at);
    return blocks;
}

}  // namespace strata::transport::tcp
