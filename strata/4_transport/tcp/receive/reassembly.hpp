// Reassembly: segments that arrived before their turn (RFC 9293 3.10.7.4, seventh step).
//
// A *range* is a run of octets without a gap; ranges are sorted and apart, and their
// number is bounded. Their octets lie in *pieces*: slices of the blocks the frames were
// read into, or, where such a slice would pin much more than it holds, octets copied
// into a *page*, a block that holds one stretch of the sequence space, so that
// neighbours share it whatever their order. What is held counts whole blocks, and is
// bounded too. Each segment costs O(log n). Where two overlap, what came first stays.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>

#include "strata/0_foundation/packet.hpp"
#include "strata/4_transport/tcp/segment/options.hpp"

namespace strata::transport::tcp {

struct ReassemblyLimits {
    std::size_t ranges_max = 1024;
    std::size_t bytes_max = 1u << 20;  // of memory, as held() counts it
};

class Reassembly {
public:
    static constexpr std::size_t page_size = 2048;

    // True if something waits: the common question, asked for every segment.
    [[nodiscard]] bool empty() const noexcept { return ranges_.empty(); }
    [[nodiscard]] std::size_t ranges() const noexcept { return ranges_.size(); }
    // Bytes of memory that are kept from others, with what it costs to keep them.
    [[nodiscard]] std::size_t held() const noexcept { return held_ + ranges_.size() * range_cost; }

    // Keeps the payload of a segment at `seq`, which is then empty. False: a limit would be
    // exceeded, and `payload` is untouched.
    [[nodiscard]] bool insert(PacketPool& pool, SequenceNumber seq, Packet& payload, const ReassemblyLimits& limits);

    // If a range begins at or before `nxt`: hands its octets from
    // `nxt` on to taker(Slice), drops it, returns its end.
    template <typename Taker>
    std::optional<SequenceNumber> take(SequenceNumber nxt, Taker&& taker) {
        if (ranges_.empty() || after(ranges_.begin()->first, nxt)) return std::nullopt;
        const SequenceNumber end = ranges_.begin()->second;
        ranges_.erase(ranges_.begin());
        while (!pieces_.empty() && before(pieces_.begin()->first, end)) {
            const auto [begin, piece] = *pieces_.begin();
            erase(pieces_.begin());
            const std::uint32_t skip = before(begin, nxt) ? std::min(nxt - begin, piece.slice.length) : 0;
            if (skip < piece.slice.length) taker(piece.slice.part(skip, piece.slice.length - skip));
        }
        return later_of(end, nxt);
    }

    // RFC 2018 4: the range with the newest segment first, then the
    // others as recently as they changed.
    [[nodiscard]] SackBlocks sack_blocks(std::size_t count_max) const;
    void clear() noexcept;

private:
    // Numbers of one window are less than 2^31 apart, so `before` orders them.
    struct Earlier {
        bool operator()(SequenceNumber a, SequenceNumber b) const noexcept { return before(a, b); }
    };
    struct Piece {
        Slice slice;
        std::uint32_t charge = 0;  // what it adds to held()
        bool in_page = false;      // in a block that only we write
    };
    using Pieces = std::map<SequenceNumber, Piece, Earlier>;
    using Ranges = std::map<SequenceNumber, SequenceNumber, Earlier>;  // begin to end

    static constexpr std::uint32_t piece_cost = 96;  // a node of the map beside the block
    static constexpr std::uint32_t range_cost = 64;
    static constexpr std::size_t recent_max = 8;

    void keep_fresh(PacketPool& pool, SequenceRange at, Packet& payload);
    void keep(PacketPool& pool, SequenceNumber seq, Slice slice);
    void copy_into_pages(PacketPool& pool, SequenceNumber seq, Bytes bytes);
    [[nodiscard]] Pieces::iterator put_into_page(PacketPool& pool, SequenceNumber seq, Bytes bytes);
    void join_neighbours(Pieces::iterator piece);
    void erase(Pieces::iterator piece);
    void remember(SequenceNumber seq);
    [[nodiscard]] Ranges::const_iterator range_of(SequenceNumber octet) const;

    Pieces pieces_;
    Ranges ranges_;
    std::size_t held_ = 0;
    std::array<SequenceNumber, recent_max> recent_{};  // an octet of each range that changed last, the newest first
    std::size_t recent_count_ = 0;
};

}  // namespace strata::transport::tcp
