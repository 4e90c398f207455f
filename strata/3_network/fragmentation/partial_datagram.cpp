#include "strata/3_network/fragmentation/partial_datagram.hpp"

#include <array>
#include <cstring>

namespace strata::network {
namespace {

enum Ecn : std::uint8_t { not_ect = 0, congestion_experienced = 3 };  // RFC 3168 5

// What a piece costs beside its packet: a node of the map.
constexpr std::size_t node_size = sizeof(std::pair<const std::size_t, Packet>) + 4 * sizeof(void*);

bool same_octets(const Packet& a, std::size_t a_offset, const Packet& b, std::size_t b_offset, std::size_t count) {
    std::array<std::byte, 512> of_a{};
    std::array<std::byte, 512> of_b{};
    for (std::size_t done = 0; done < count;) {
        const std::size_t here = std::min(count - done, of_a.size());
        (void)a.copy_to(MutableBytes{of_a}.first(here), a_offset + done);
        (void)b.copy_to(MutableBytes{of_b}.first(here), b_offset + done);
        if (std::memcmp(of_a.data(), of_b.data(), here) != 0) return false;
        done += here;
    }
    return true;
}

}  // namespace

PartialDatagram::Verdict PartialDatagram::add(Packet fragment, const Fragment& facts) {
    fragment.compact();
    fragment.mark_network_header();
    fragment.trim(facts.header_size);
    std::size_t begin = facts.offset;
    const std::size_t end = begin + fragment.size();
    if (!end_agrees(end, facts.more)) return Verdict::contradiction;

    auto next = pieces_.upper_bound(begin);
    if (next != pieces_.begin()) {
        const auto& [before, piece] = *std::prev(next);
        const std::size_t known = std::min(before + piece.size(), end);
        if (known > begin) {
            if (!same_octets(piece, begin - before, fragment, 0, known - begin)) return Verdict::contradiction;
            fragment.trim(known - begin);
            begin = known;
        }
    }
    while (next != pieces_.end() && next->first < end) {
        const auto& [after, piece] = *next;
        const std::size_t known = std::min(after + piece.size(), end);
        if (!same_octets(piece, 0, fragment, after - begin, known - after)) return Verdict::contradiction;
        if (after + piece.size() > end) {
            fragment.trim_end(end - after);
            break;
        }
        drop(next);
    }
    if (fragment.empty()) return Verdict::duplicate;
    ecn_seen_ = static_cast<std::uint8_t>(ecn_seen_ | 1u << facts.ecn);
    if (begin == 0) first_ecn_ = facts.ecn;
    keep(next, begin, std::move(fragment));
    return Verdict::kept;
}

// The last fragment says where the datagram ends, and no other may end behind that.
bool PartialDatagram::end_agrees(std::size_t end, bool more) {
    if (end_ && (end > *end_ || (!more && end != *end_))) return false;
    if (!more && highest_ > end) return false;
    highest_ = std::max(highest_, end);
    if (!more) end_ = end;
    return true;
}

void PartialDatagram::keep(Pieces::iterator before, std::size_t offset, Packet payload) {
    octets_ += payload.size();
    memory_ += payload.memory() + node_size;
    pieces_.emplace_hint(before, offset, std::move(payload));
}

void PartialDatagram::drop(Pieces::iterator& piece) {
    octets_ -= piece->second.size();
    memory_ -= piece->second.memory() + node_size;
    piece = pieces_.erase(piece);
}

std::optional<std::uint8_t> PartialDatagram::ecn() const noexcept {
    const auto seen = [this](Ecn codepoint) { return (ecn_seen_ >> codepoint & 1) != 0; };
    if (!seen(congestion_experienced)) return first_ecn_;
    if (seen(not_ect)) return std::nullopt;
    return congestion_experienced;
}

Packet PartialDatagram::take_first() {
    const auto first = pieces_.find(0);
    if (first == pieces_.end()) return {};
    Packet packet = std::move(first->second);
    forget();
    if (!packet.restore_network_header()) return {};
    return packet;
}

Packet PartialDatagram::take_whole() {
    Pieces pieces = std::move(pieces_);
    forget();
    auto piece = pieces.begin();
    Packet whole = std::move(piece->second);
    ChecksumState checksum = whole.checksum_state();
    for (++piece; piece != pieces.end(); ++piece) {
        if (piece->second.checksum_state() != ChecksumState::verified) checksum = ChecksumState::unknown;
        piece->second.take_slices([&](Slice slice) { whole.append(std::move(slice)); });
    }
    whole.set_checksum_state(checksum);
    if (!whole.restore_network_header()) return {};
    return whole;
}

}  // namespace strata::network
