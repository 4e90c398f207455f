// PartialDatagram: what has arrived of one datagram (RFC 791 3.2, RFC 815).
//
//     0         8        16        24        32
//     | piece 0 | piece 8 |         | piece 24 |        pieces by their place, none over another
//                         ^ hole
//
// A fragment may repeat what another one said, in whole or in part: what it brings beside is kept.
// One that says something else is an attack or a mistake, and nobody can tell which of the two is
// right: the datagram is given up (RFC 5722 4 for IPv6; Linux for both versions). Owned by
// Reassembly.
#pragma once

#include <map>
#include <optional>

#include "strata/0_foundation/packet.hpp"
#include "strata/3_network/fragmentation/fragment.hpp"

namespace strata::network {

class PartialDatagram {
public:
    enum class Verdict : std::uint8_t {
        kept,
        duplicate,      // it brought nothing new
        contradiction,  // of what is known of the payload, or of where it ends
    };
    // Takes a fragment, which begins with its header.
    [[nodiscard]] Verdict add(Packet fragment, const Fragment& facts);

    [[nodiscard]] bool whole() const noexcept { return end_ && octets_ == *end_; }
    [[nodiscard]] std::size_t fragments() const noexcept { return pieces_.size(); }
    // What its fragments keep from other use, in bytes.
    [[nodiscard]] std::size_t memory() const noexcept { return memory_; }
    // RFC 3168 5.3: congestion that one fragment met is the datagram's; nothing if fragments say
    // both that their way knows of congestion, and that it does not.
    [[nodiscard]] std::optional<std::uint8_t> ecn() const noexcept;

    // The first fragment with its header; empty if it has not come. What is left is of no use.
    [[nodiscard]] Packet take_first();
    // All of it behind the first fragment's header. Needs whole().
    [[nodiscard]] Packet take_whole();
    void forget() { *this = {}; }

private:
    using Pieces = std::map<std::size_t, Packet>;
    [[nodiscard]] bool end_agrees(std::size_t end, bool more);
    void keep(Pieces::iterator before, std::size_t offset, Packet payload);
    void drop(Pieces::iterator& piece);

    Pieces pieces_;  // payloads by their offset
    std::size_t octets_ = 0;
    std::size_t memory_ = 0;
    std::size_t highest_ = 0;         // where the last of them ends
    std::optional<std::size_t> end_;  // of the datagram, once its last fragment has come
    std::uint8_t ecn_seen_ = 0;       // a bit for each of the four codepoints
    std::uint8_t first_ecn_ = 0;
};

}  // namespace strata::network
