#include "strata/4_transport/tcp/receive/reassembly.hpp"

#include <algorithm>

#include "strata/4_transport/tcp/receive/buffer.hpp"

namespace strata::transport::tcp {
namespace {

// The page that holds this octet begins here.
SequenceNumber page_of(SequenceNumber seq) noexcept {
    return SequenceNumber{seq.value() & ~static_cast<std::uint32_t>(Reassembly::page_size - 1)};
}

}  // namespace

bool Reassembly::insert(PacketPool& pool, SequenceNumber seq, Packet& payload, const ReassemblyLimits& limits) {
    SequenceRange at{seq, seq + static_cast<std::uint32_t>(payload.size())};
    // The first range that ends at or behind our beginning, and the
    // first behind our end: those between become one.
    auto first = ranges_.upper_bound(at.begin);
    if (first != ranges_.begin() && not_before(std::prev(first)->second, at.begin)) --first;
    auto last = ranges_.upper_bound(at.end);
    if (first != last && not_after(first->first, at.begin) && not_after(at.end, first->second)) {
        remember(seq);  // nothing new in it
        payload.trim(payload.size());
        return true;
    }
    // What is kept costs at most its own length in pages, or twice
    // that in the blocks it came in (see wasteful()).
    const std::size_t cost = 2 * payload.size() + page_size + (first == last ? range_cost : 0);
    if ((first == last && ranges_.size() >= limits.ranges_max) || held() + cost > limits.bytes_max) return false;

    keep_fresh(pool, at, payload);
    SequenceRange joined = at;
    if (first != last) {
        joined = {earlier_of(at.begin, first->first), later_of(at.end, std::prev(last)->second)};
        ranges_.erase(first, last);
    }
    ranges_.emplace(joined.begin, joined.end);
    remember(seq);
    return true;
}

// Keeps those octets of the payload that no range has yet; takes the payload.
void Reassembly::keep_fresh(PacketPool& pool, SequenceRange at, Packet& payload) {
    SequenceNumber here = at.begin;
    payload.take_slices([&](Slice slice) {
        const SequenceNumber end = here + slice.length;
        while (before(here, end)) {
            const auto known = range_of(here);
            if (known != ranges_.end()) {
                const std::uint32_t skip = std::min(known->second - here, end - here);
                slice = slice.part(skip, slice.length - skip);
                here += skip;
                continue;
            }
            const auto next = ranges_.upper_bound(here);
            const std::uint32_t fresh = (next != ranges_.end() && before(next->first, end) ? next->first : end) - here;
            keep(pool, here, slice.part(0, fresh));
            slice = slice.part(fresh, slice.length - fresh);
            here += fresh;
        }
    });
}

void Reassembly::keep(PacketPool& pool, SequenceNumber seq, Slice slice) {
    if (wasteful(slice)) return copy_into_pages(pool, seq, slice.bytes());
    const auto charge = static_cast<std::uint32_t>(slice.buffer.capacity()) + piece_cost;
    held_ += charge;
    pieces_.emplace(seq, Piece{std::move(slice), charge, false});
}

void Reassembly::copy_into_pages(PacketPool& pool, SequenceNumber seq, Bytes bytes) {
    while (!bytes.empty()) {
        const std::size_t here = std::min<std::size_t>(bytes.size(), page_of(seq) + page_size - seq);
        join_neighbours(put_into_page(pool, seq, bytes.first(here)));
        bytes = bytes.subspan(here);
        seq += static_cast<std::uint32_t>(here);
    }
}

// All of `bytes` lies in one page. A neighbour that lies in the same one lends its block.
Reassembly::Pieces::iterator Reassembly::put_into_page(PacketPool& pool, SequenceNumber seq, Bytes bytes) {
    const auto in_same_page = [&](Pieces::iterator piece) {
        return piece->second.in_page && page_of(piece->first) == page_of(seq);
    };
    Piece piece{{{}, seq - page_of(seq), static_cast<std::uint32_t>(bytes.size())}, piece_cost, true};
    const auto next = pieces_.upper_bound(seq);
    if (next != pieces_.end() && in_same_page(next)) {
        piece.slice.buffer = next->second.slice.buffer;
    } else if (next != pieces_.begin() && in_same_page(std::prev(next))) {
        piece.slice.buffer = std::prev(next)->second.slice.buffer;
    } else {
        piece.slice.buffer = pool.allocate(page_size);
        piece.charge += static_cast<std::uint32_t>(piece.slice.buffer.capacity());
    }
    std::memcpy(piece.slice.data(), bytes.data(), bytes.size());
    held_ += piece.charge;
    return pieces_.emplace_hint(next, seq, std::move(piece));
}

// Pieces of one page that touch become one: a page costs one node, however many segments filled it.
void Reassembly::join_neighbours(Pieces::iterator piece) {
    const auto join = [&](Pieces::iterator into, Pieces::iterator follower) {
        into->second.slice.length += follower->second.slice.length;
        into->second.charge += follower->second.charge - piece_cost;
        held_ -= piece_cost;
        pieces_.erase(follower);
    };
    const auto touches = [](const Pieces::value_type& a, const Pieces::value_type& b) {
        return a.second.in_page && b.second.in_page && a.first + a.second.slice.length == b.first &&
               a.second.slice.adjoins(b.second.slice);
    };
    const auto next = std::next(piece);
    if (next != pieces_.end() && touches(*piece, *next)) join(piece, next);
    if (piece != pieces_.begin() && touches(*std::prev(piece), *piece)) join(std::prev(piece), piece);
}

void Reassembly::erase(Pieces::iterator piece) {
    held_ -= piece->second.charge;
    pieces_.erase(piece);
}

Reassembly::Ranges::const_iterator Reassembly::range_of(SequenceNumber octet) const {
    auto range = ranges_.upper_bound(octet);
    if (range == ranges_.begin()) return ranges_.end();
    --range;
    return before(octet, range->second) ? range : ranges_.end();
}

void Reassembly::remember(SequenceNumber seq) {
    const auto range = range_of(seq);
    const auto said_or_gone = [&](SequenceNumber octet) {
        const auto its = range_of(octet);
        return its == range || its == ranges_.end();
    };
    const auto end =
        std::remove_if(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(recent_count_), said_or_gone);
    recent_count_ = std::min<std::size_t>(static_cast<std::size_t>(end - recent_.begin()) + 1, recent_max);
    std::shift_right(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(recent_count_), 1);
    recent_.front() = seq;
}

SackBlocks Reassembly::sack_blocks(std::size_t count_max) const {
    SackBlocks blocks;
    for (std::size_t i = 0; i < recent_count_ && blocks.size() < count_max; ++i) {
        const auto range = range_of(recent_[i]);
        const bool known = range == ranges_.end() || std::ranges::any_of(blocks, [&](const SequenceRange& block) {
                               return block.begin == range->first;
                           });
        if (!known) blocks.push_back({range->first, range->second});
    }
    return blocks;
}

void Reassembly::clear() noexcept {
    pieces_.clear();
    ranges_.clear();
    held_ = recent_count_ = 0;
}

}  // namespace strata::transport::tcp
