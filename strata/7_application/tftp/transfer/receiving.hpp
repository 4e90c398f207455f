// Receiving: the end of a transfer that wants the file: blocks are taken in order, and the last of
// each window is acknowledged (RFC 7440 4; a window of 1 is RFC 1350's lockstep).
//
// Where a block is missing, the last one in order is acknowledged at once, and once; so is it when
// it comes again, for then its acknowledgment was lost. The last acknowledgment of all is given
// only when all is written, and given again for a while.
#pragma once

#include <algorithm>

#include "strata/7_application/tftp/transfer/transfer.hpp"

namespace strata::application::tftp {

class Receiving final : public Transfer {
public:
    // All outlive it.
    Receiving(Outbox& outbox, Writing& to, Mode mode, const TransferOptions& options, Entropy& entropy)
        : Transfer(outbox, options, entropy), sink_(make_sink(mode, to)), rollover_(options.rollover) {}

    void kept(const std::error_code& error, Instant now) override;

private:
    static constexpr unsigned dallied_again_max = 8;

    void opened(Instant now) override { acknowledge(now); }
    void hear_data(const Data& packet, Instant now) override;
    // Our ACK of it was lost.
    void hear_options_again(Instant now) override {
        if (received_ == 0) acknowledge(now);
    }
    void repeat(Instant now) override;

    [[nodiscard]] std::uint64_t ahead_of(std::uint16_t number);
    [[nodiscard]] std::uint64_t blocks_an_acknowledgment() const noexcept {
        constexpr std::uint64_t parts = 4;
        return agreement_.sliding ? std::max<std::uint64_t>(agreement_.windowsize / parts, 1) : agreement_.windowsize;
    }
    void take(Bytes bytes, Instant now);
    void finish(Instant now);
    void end_well_or(const std::error_code& error, Instant now);
    void fail(const std::error_code& error);
    void acknowledge(Instant now);

    std::unique_ptr<Sink> sink_;
    std::optional<Rollover> rollover_;
    std::uint64_t received_ = 0;      // the last one in order
    std::uint64_t acknowledged_ = 0;  // the last that we acknowledged
    unsigned dallied_again_ = 0;
    bool gap_told_ = false;              // that the one behind received_ is missing
    std::optional<Instant> asked_at_{};  // the acknowledgment whose answer is awaited, if it was given once
};

// The ERROR for what went wrong with a file.
[[nodiscard]] ErrorMessage error_for(const std::error_code& error);

}  // namespace strata::application::tftp
