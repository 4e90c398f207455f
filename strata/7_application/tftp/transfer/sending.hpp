// Sending: the end of a transfer that has the file: blocks leave a window at a time, and the last
// acknowledged one decides what leaves next (RFC 7440 4; a window of 1 is RFC 1350's lockstep).
//
//     blocks   ... una-1 │ una ........ nxt-1 │ nxt ..........        high: the highest one sent
//              arrived   │ on their way       │ not sent yet
//
// An acknowledgment in the middle of the window means that the next block was lost: all behind it
// leave again. An acknowledgment of what is acknowledged already never makes a block leave in
// lockstep (the Sorcerer's Apprentice, RFC 1123 4.2.3.1); in larger windows it says that the first
// block was lost, and is believed if it can be an answer to the block's latest departure.
//
// Where the window slides (Agreement::sliding) the receiver acknowledges
// several times a window, and each time makes as many blocks leave: both
// ends are at work at once, and neither waits to be woken.
#pragma once

#include "strata/7_application/tftp/transfer/transfer.hpp"

namespace strata::application::tftp {

class Sending final : public Transfer {
public:
    // All outlive it.
    Sending(Outbox& outbox, const Reading& from, Mode mode, const TransferOptions& options, Entropy& entropy)
        : Transfer(outbox, options, entropy),
          from_(from),
          mode_(mode),
          rollover_(options.rollover.value_or(Rollover::to_zero)) {}

    void agree(const Agreement& agreement) override;

private:
    static constexpr unsigned requested_repeats_max = 8;  // of one window, without the timer
    static constexpr std::size_t burst_max = 64;          // blocks that are handed down at once

    void opened(Instant now) override;
    void hear_acknowledgment(const Acknowledgment& packet, Instant now) override;
    void repeat(Instant now) override;

    void advance_to(std::uint64_t block, Instant now);
    void gap_reported(Instant now);
    [[nodiscard]] bool may_leave(std::uint64_t block) const noexcept {
        return block < una_ + agreement_.windowsize && (last_ == 0 || block <= last_);
    }
    void fill_window(Instant now);
    [[nodiscard]] bool send_burst();

    const Reading& from_;
    Mode mode_;
    Rollover rollover_;
    std::unique_ptr<Source> source_;
    std::uint64_t una_ = 1;   // the first that is not acknowledged
    std::uint64_t nxt_ = 1;   // the next one to leave, for the first time or again
    std::uint64_t high_ = 0;  // the highest that has left
    std::uint64_t last_ = 0;  // the last of the file; 0: not read yet
    std::size_t last_size_ = 0;
    Instant una_left_at_{};  // the first one's latest departure; where the window slides, of all that left again
    unsigned requested_repeats_ = 0;
    std::uint64_t timed_ = 0;  // the block whose round trip is measured; 0: none
    Instant timed_at_{};
};

}  // namespace strata::application::tftp
