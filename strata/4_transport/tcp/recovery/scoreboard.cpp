#include "strata/4_transport/tcp/recovery/scoreboard.hpp"

#include <algorithm>

namespace strata::transport::tcp {

std::uint32_t Scoreboard::update(const SackBlocks& blocks, const SendSequenceSpace& snd) {
    std::uint32_t fresh = 0;
    for (const SequenceRange& block : blocks) {
        // A block that is empty, or says what we never sent, or what
        // is acknowledged (RFC 2883), tells nothing.
        const bool sane =
            before(block.begin, block.end) && after(block.begin, snd.una()) && not_after(block.end, snd.nxt());
        if (sane) fresh += insert(block);
    }
    sacked_bytes_ += fresh;
    return fresh;
}

// Returns how many of its octets were not there before.
std::uint32_t Scoreboard::insert(SequenceRange block) {
    auto first =
        std::ranges::find_if(sacked_, [&](const SequenceRange& range) { return not_before(range.end, block.begin); });
    auto last = first;
    std::uint32_t known = 0;
    SequenceRange joined = block;
    for (; last != sacked_.end() && not_after(last->begin, block.end); ++last) {
        known += last->size();
        joined = {earlier_of(joined.begin, last->begin), later_of(joined.end, last->end)};
    }
    if (first == last) {
        if (sacked_.size() >= ranges_max) return 0;
        sacked_.insert(first, joined);
    } else {
        *first = joined;
        sacked_.erase(first + 1, last);
    }
    return joined.size() - known;
}

void Scoreboard::acknowledged(SequenceNumber una, std::uint32_t mss) {
    if (!sacked_.empty()) {
        auto first = sacked_.begin();
        for (; first != sacked_.end() && not_after(first->end, una); ++first) sacked_bytes_ -= first->size();
        sacked_.erase(sacked_.begin(), first);
        if (!sacked_.empty() && before(sacked_.front().begin, una)) {
            sacked_bytes_ -= una - sacked_.front().begin;
            sacked_.front().begin = una;
        }
    }
    if (duplicates_ > 0) {
        // What the acknowledgment covers beyond the repeated segment
        // were the segments the duplicates reported.
        const std::uint32_t covered = after(una, lost_edge_) ? (una - lost_edge_) / std::max(mss, 1u) : 0;
        duplicates_ -= std::min(duplicates_, covered);
    }
    lost_edge_ = later_of(lost_edge_, una);
    high_retransmitted_ = later_of(high_retransmitted_, una);
}

bool Scoreboard::is_lost(SequenceNumber octet, std::uint32_t mss) const noexcept {
    std::uint32_t bytes = 0;
    unsigned ranges = 0;
    for (auto range = sacked_.rbegin(); range != sacked_.rend() && after(range->begin, octet); ++range) {
        bytes += range->size();
        ++ranges;
        if (ranges >= duplicate_threshold || bytes > (duplicate_threshold - 1) * mss) return true;
    }
    return false;
}

void Scoreboard::mark_lost(std::uint32_t mss) noexcept {
    std::uint32_t bytes = 0;
    unsigned ranges = 0;
    for (auto range = sacked_.rbegin(); range != sacked_.rend(); ++range) {
        bytes += range->size();
        ++ranges;
        if (ranges >= duplicate_threshold || bytes > (duplicate_threshold - 1) * mss) {
            lost_edge_ = later_of(lost_edge_, range->begin);
            return;
        }
    }
}

std::optional<SequenceRange> Scoreboard::first_hole(SequenceNumber from, SequenceNumber limit,
                                                    std::uint32_t count_max) const noexcept {
    for (const SequenceRange& range : sacked_) {
        if (not_before(from, limit)) break;
        if (not_after(range.end, from)) continue;
        if (after(range.begin, from)) {
            limit = earlier_of(limit, range.begin);
            break;
        }
        from = range.end;
    }
    if (not_before(from, limit)) return std::nullopt;
    return SequenceRange{from, from + std::min(limit - from, count_max)};
}

std::optional<SequenceRange> Scoreboard::next_lost(const SendSequenceSpace& snd,
                                                   std::uint32_t count_max) const noexcept {
    return first_hole(later_of(snd.una(), high_retransmitted_), earlier_of(lost_edge_, snd.nxt()), count_max);
}

std::optional<SequenceRange> Scoreboard::next_unsacked(const SendSequenceSpace& snd,
                                                       std::uint32_t count_max) const noexcept {
    if (sacked_.empty()) return std::nullopt;
    return first_hole(later_of(snd.una(), high_retransmitted_), sacked_.back().begin, count_max);
}

std::uint32_t Scoreboard::sacked_within(SequenceNumber begin, SequenceNumber end) const noexcept {
    std::uint32_t bytes = 0;
    for (const SequenceRange& range : sacked_) {
        const SequenceNumber from = later_of(range.begin, begin);
        const SequenceNumber to = earlier_of(range.end, end);
        if (before(from, to)) bytes += to - from;
    }
    return bytes;
}

std::uint32_t Scoreboard::pipe(const SendSequenceSpace& snd, std::uint32_t mss) const noexcept {
    const SequenceNumber lost = earlier_of(later_of(lost_edge_, snd.una()), snd.nxt());
    const SequenceNumber repeated = earlier_of(later_of(high_retransmitted_, snd.una()), snd.nxt());
    std::uint32_t pipe = snd.nxt() - lost;
    if (repeated != snd.una()) pipe += repeated - snd.una();
    if (!sacked_.empty()) pipe -= sacked_within(lost, snd.nxt()) + sacked_within(snd.una(), repeated);
    return pipe - std::min(pipe, duplicates_ * mss);
}

}  // namespace strata::transport::tcp
