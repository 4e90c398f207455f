// Reassembly: segments that arrived before their turn (RFC 9293 3.10.7.4, seventh step).
//
// Ranges are kept sorted and apart: a range is a run of octets without a gap. All lie within the window, which bounds the bytes;
// the number of ranges has a bound of its own. Where two segments overlap, what came first stays.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "strata/0_foundation/packet.hpp"
#include "strata/4_transport/tcp/segment/options.hpp"

namespace strata::transport::tcp {

class Reassembly {
public:
    // True if something waits: the common question, asked for every segment.
    [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
    [[nodiscard]] std::size_t ranges() const noexcept { return ranges_.size(); }

    // Keeps the text of a segment at `seq`. False: it would need more than `ranges_max` ranges, and was not kept.
    bool insert(PacketPool& pool, SequenceNumber seq, Packet text, std::size_t ranges_max);

    // If a range begins at or before `nxt`: hands its octets from `nxt` on to taker(Slice), drops it, returns its end.
    template <typename Taker>
    std::optional<SequenceNumber> take(SequenceNumber nxt, Taker&& taker) {
        if (ranges_.empty() || after(ranges_.front().at.begin, nxt)) return std::nullopt;
        Range range = std::move(ranges_.front());
        ranges_.erase(ranges_.begin());
        if (not_after(range.at.end, nxt)) return nxt;  // nothing new in it
        std::uint32_t skip = nxt - range.at.begin;
        for (Slice& slice : range.slices) {
            if (skip >= slice.length) {
                skip -= slice.length;
                continue;
            }
            taker(slice.part(skip, slice.length - skip));
            skip = 0;
        }
        return range.at.end;
    }

    // RFC 2018 4: the range with the newest segment first, then the others as recently as they changed.
    [[nodiscard]] SackBlocks sack_blocks(std::size_t count_max) const;
    void clear() noexcept { ranges_ = {}; }

private:
    struct Range {
        SequenceRange at;
        std::vector<Slice> slices;
        std::uint64_t changed = 0;  // counts up: larger is more recent
    };
    void merge_followers(std::size_t index);

    std::vector<Range> ranges_;
    std::uint64_t changes_ = 0;
};

}  // namespace strata::transport::tcp
