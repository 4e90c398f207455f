// Transfer: one end of the transfer of one file (RFC 1350, RFC 7440). Packets and deadlines in,
// packets out: no I/O, no clock. Sending and Receiving are the two ends; a server has either, and
// so has a client.
//
//      opening ──the peer answers──▶ running ──(keeping)── the last block is acknowledged ──▶ (dallying) ─▶ ended
//         └── given up, an ERROR, abort() ──────────────┴─────────────────────────────────────▶ ended
//
// The opening is a client's request, or a server's OACK, or its ACK of a WRQ; a server that agrees
// to no options begins with the first block, and has none.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "strata/7_application/tftp/content/content.hpp"
#include "strata/7_application/tftp/message/packet.hpp"
#include "strata/7_application/tftp/transfer/block_number.hpp"
#include "strata/7_application/tftp/transfer/retransmission.hpp"

namespace strata::application::tftp {

// Of packets that are made at once, in bytes.
inline constexpr std::size_t burst_size_usual = 128 << 10;

// Whoever carries a transfer's packets to its peer.
class Outbox {
public:
    virtual ~Outbox() = default;
    // A datagram each. What can't be sent is lost, as any datagram may be.
    virtual void send(std::span<const Bytes> datagrams) = 0;
    // Room to make them in, of any size from `at_least` on. It is
    // everybody's: what is in it lasts until the next call.
    [[nodiscard]] virtual MutableBytes room(std::size_t at_least) = 0;
};

// Of a window: what a receiver's socket holds, or the blocks behind are lost again and again.
inline constexpr std::size_t window_bytes_usual = 128 << 10;

// What both ends hold to.
struct Agreement {
    std::size_t blksize = blksize_default;
    std::uint64_t windowsize = 1;  // blocks that leave before one is acknowledged
    // An acknowledgment in the middle of the window is one of progress, and never one of loss: what
    // is behind it is not sent again. Loss is said by the same acknowledgment twice.
    bool sliding = false;
    std::optional<Duration> timeout{};  // RFC 2349
};

struct TransferOptions {
    RetransmissionOptions retransmission{};
    Duration dally_time = 5s;  // for which the last acknowledgment is given again (RFC 1350 6)
    Duration total_max = 12h;  // however well it goes
    // What follows block 65535. Unset, Sending goes on with 0, and Receiving with what comes: with
    // 0 or 1 where each block is acknowledged, with 0 in larger windows, where a block 1 may be the
    // one behind a 0 that was lost.
    std::optional<Rollover> rollover{};
};

struct Outcome {
    enum class How : std::uint8_t {
        whole,
        refused,  // by the peer: an ERROR came
        silent,   // the peer answered no more, or too slowly
        broken,   // our side cannot go on: a file, a disk, nonsense from the peer
        aborted,  // by abort()
    };
    How how = How::whole;
    ErrorCode code = ErrorCode::not_defined;
    std::string text{};  // the ERROR's, whoever sent it
};

class Transfer {
public:
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;
    virtual ~Transfer() = default;

    // A server's before begin(), a client's when the OACK comes. Otherwise it is that of RFC 1350.
    virtual void agree(const Agreement& agreement);
    // Sends the opening; empty, it begins with the first block.
    void begin(std::vector<std::byte> opening, Instant now);
    // An OACK has answered the opening.
    void proceed(Instant now);
    // From the peer. What does not belong here is ignored.
    void hear(const Packet& packet, Instant now);
    void deadline_reached(Instant now);
    // When deadline_reached() is to be called; it changes with each call.
    [[nodiscard]] Instant deadline() const noexcept;
    // Ends it, and says so to the peer. Without effect once it has an outcome.
    void abort(ErrorCode code, std::string text);
    // What a Writing has said would be told later: it is kept, or it could not be.
    virtual void kept(const std::error_code& error, Instant now) { (void)error, (void)now; }
    // Ends it without a word to the peer.
    void give_up(Outcome outcome);
    // The opening again, as if its time had come: the peer asks again.
    void repeat_opening(Instant now);

    // The peer has answered: its address is no forged one.
    [[nodiscard]] bool is_proven() const noexcept { return proven_; }
    [[nodiscard]] const std::optional<Outcome>& outcome() const noexcept { return outcome_; }
    // Nothing is left to do, not even to dally.
    [[nodiscard]] bool is_over() const noexcept { return state_ == State::ended; }
    // Of the blocks that have arrived at the other end, or from there.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

protected:
    enum class State : std::uint8_t { opening, running, keeping, dallying, ended };

    Transfer(Outbox& outbox, const TransferOptions& options, Entropy& entropy)
        : outbox_(outbox), options_(options), retransmission_(options.retransmission, entropy) {}

    // The opening was answered, or there was none.
    virtual void opened(Instant now) = 0;
    virtual void hear_data(const Data&, Instant) {}
    virtual void hear_acknowledgment(const Acknowledgment&, Instant) {}
    virtual void hear_options_again(Instant) {}
    // What was sent last, again.
    virtual void repeat(Instant now) = 0;

    void send(Bytes packet) { outbox_.send({&packet, 1}); }
    void send_opening(Instant now);
    void end(Outcome outcome);
    // Ends it by an ERROR to the peer.
    void break_off(ErrorCode code, std::string text, Outcome::How how = Outcome::How::broken);
    void run(Instant now);
    void dally(Instant now);

    Outbox& outbox_;
    const TransferOptions options_;
    Retransmission retransmission_;
    Agreement agreement_;
    State state_ = State::opening;
    std::uint64_t bytes_ = 0;

private:
    std::vector<std::byte> opening_;
    std::optional<Instant> opening_left_at_{};  // if it left once
    bool proven_ = false;
    Instant ends_at_ = never;  // of dallying, or by total_max
    std::optional<Outcome> outcome_;
};

}  // namespace strata::application::tftp
