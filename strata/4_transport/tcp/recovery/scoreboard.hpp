// The scoreboard (RFC 6675 3-4): what of the flight the peer has,
// what is lost, and how much is still in the network.
//
// RFC 6675 calls an octet lost when enough was SACKed above it, so whatever is not SACKed below a
// lost octet is lost too: the lost ones are all those not SACKed below one edge. A retransmission
// timeout moves that edge to SND.NXT (5.1). Without SACK, each duplicate acknowledgment reports
// one segment that has left the network (RFC 5681 3.2).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "strata/4_transport/tcp/segment/options.hpp"
#include "strata/4_transport/tcp/send/sequence_space.hpp"

namespace strata::transport::tcp {

class Scoreboard {
public:
    static constexpr unsigned duplicate_threshold = 3;  // DupThresh
    static constexpr std::size_t ranges_max = 1024;     // a peer that reports more is told less about

    void start(SequenceNumber iss) noexcept { lost_edge_ = high_retransmitted_ = iss; }

    // Update() of RFC 6675: notes the blocks; returns how many octets
    // are SACKed for the first time.
    std::uint32_t update(const SackBlocks& blocks, const SendSequenceSpace& snd);
    // Everything before una has arrived.
    void acknowledged(SequenceNumber una, std::uint32_t mss);
    // A duplicate acknowledgment without SACK.
    void duplicate_acknowledgment() noexcept { ++duplicates_; }
    [[nodiscard]] unsigned duplicates() const noexcept { return duplicates_; }
    void forget_duplicates() noexcept { duplicates_ = 0; }

    // IsLost(una): three segments' worth, or three separate ranges, are SACKed above it.
    [[nodiscard]] bool is_lost(SequenceNumber octet, std::uint32_t mss) const noexcept;
    // Moves the edge of the lost to where IsLost() has it.
    void mark_lost(std::uint32_t mss) noexcept;
    // Marks the octets below `edge` lost whatever was SACKed: without SACK, or after a timeout.
    void mark_lost_below(SequenceNumber edge) noexcept { lost_edge_ = later_of(lost_edge_, edge); }
    // After a timeout nothing that was repeated is believed to be on its way (RFC 6675 5.1).
    void forget_retransmissions(SequenceNumber una) noexcept { high_retransmitted_ = una; }
    // A receiver may drop what it SACKed (RFC 2018 8): after a timeout it is forgotten.
    void forget_sacked() noexcept {
        sacked_.clear();
        sacked_bytes_ = 0;
    }
    void retransmitted(SequenceNumber end) noexcept { high_retransmitted_ = later_of(high_retransmitted_, end); }

    // The first lost octets not yet repeated: NextSeg() rule 1. At
    // most `count_max` of them, without a gap.
    [[nodiscard]] std::optional<SequenceRange> next_lost(const SendSequenceSpace& snd,
                                                         std::uint32_t count_max) const noexcept;
    // NextSeg() rule 3: octets not SACKed below the highest SACKed one, though not lost.
    [[nodiscard]] std::optional<SequenceRange> next_unsacked(const SendSequenceSpace& snd,
                                                             std::uint32_t count_max) const noexcept;

    // SetPipe(): octets believed to be in the network.
    [[nodiscard]] std::uint32_t pipe(const SendSequenceSpace& snd, std::uint32_t mss) const noexcept;
    [[nodiscard]] std::uint32_t sacked_bytes() const noexcept { return sacked_bytes_; }
    [[nodiscard]] bool anything_sacked() const noexcept { return sacked_bytes_ > 0; }
    [[nodiscard]] SequenceNumber highest_sacked() const noexcept { return sacked_.back().end; }
    [[nodiscard]] SequenceNumber lost_edge() const noexcept { return lost_edge_; }
    [[nodiscard]] SequenceNumber high_retransmitted() const noexcept { return high_retransmitted_; }

private:
    [[nodiscard]] std::uint32_t sacked_within(SequenceNumber begin, SequenceNumber end) const noexcept;
    [[nodiscard]] std::optional<SequenceRange> first_hole(SequenceNumber from, SequenceNumber limit,
                                                          std::uint32_t count_max) const noexcept;
    std::uint32_t insert(SequenceRange block);

    std::vector<SequenceRange> sacked_;  // sorted, apart
    std::uint32_t sacked_bytes_ = 0;
    SequenceNumber lost_edge_;           // everything not SACKed before it is lost
    SequenceNumber high_retransmitted_;  // HighRxt: repeated in this recovery up to here
    unsigned duplicates_ = 0;
};

}  // namespace strata::transport::tcp
