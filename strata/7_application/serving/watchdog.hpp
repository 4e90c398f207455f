// Watchdog: ends a conversation whose peer is too slow. One timer a conversation, however many
// reads and writes it guards.
//
// expect_within() before waiting for the peer only notes a time. When it
// has passed the watchdog barks: it aborts the stream, or only cancels what
// waits, again and again until the next expect_within() or reset(): one
// cancel may fall between two operations, with nothing there to cancel.
//
// What was handed to a stream has not arrived: a kernel keeps megabytes.
// Whoever writes says so with wrote(), and while any of it is unacknowledged
// another patience counts, that of Patience: the peer must go on acknowledging.
// What is expected of the peer is expected from when it has everything.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>

#include "strata/5_session/network.hpp"

namespace strata::application {

// How slowly a peer may take what we send it.
struct Patience {
    // Without one byte more acknowledged. A slow reader's window opens in steps: of a kernel's
    // buffer of 6 MiB a sixteenth, 20 s at 20 kB/s.
    Duration stall_timeout = 60s;
    // Bytes a second, over each rate_over in which there was always something to acknowledge.
    std::uint64_t rate_min = 1024;
    Duration rate_over = 120s;
};

class Watchdog : public std::enable_shared_from_this<Watchdog> {
public:
    // Network and stream outlive it, or it is stopped before.
    [[nodiscard]] static std::shared_ptr<Watchdog> make(session::Network& network, session::Stream& stream,
                                                        Patience patience = {});
    Watchdog(session::Network& network, session::Stream& stream, Patience patience);  // for make()

    void expect_within(Duration patience);
    [[nodiscard]] const Patience& patience() const noexcept { return patience_; }
    // Instead of aborting the stream: what waits ends with
    // operation_aborted, and the stream can still be written to.
    void only_cancels(bool on) { only_cancels_ = on; }
    // The time had passed. Until the next expect_within() or reset().
    [[nodiscard]] bool barked() const noexcept { return barked_; }
    // Expects nothing, but that what was written is taken.
    void reset();
    // For good.
    void stop();

    // So many bytes more were handed to the stream. Its end, where it is told, counts as one.
    void wrote(std::uint64_t bytes);
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }
    // Asks the stream how many of them the peer has acknowledged.
    void look();
    // How many had when it was asked last; and since when, which is a little later than it was.
    [[nodiscard]] std::uint64_t arrived() const noexcept { return arrived_; }
    [[nodiscard]] Instant arrived_at() const noexcept { return arrived_at_; }
    // Nothing more is written for now: looks often at first, so that arrived_at() is about right.
    void look_soon();
    // Waits until all of them have. False if they never will: the
    // watchdog has barked, or the conversation is over.
    session::asio::awaitable<bool> all_arrived();
    // Called when more have.
    void on_arrival(std::function<void()> call) { on_arrival_ = std::move(call); }

private:
    [[nodiscard]] bool delivering() const noexcept { return arrived_ < written_; }
    [[nodiscard]] bool too_slow(Instant now) const noexcept;
    void wait_until(Instant time);
    void wait();
    void expired();
    void bark(Instant now);

    session::Network* network_;
    session::Stream* stream_;
    Patience patience_;
    session::Timer timer_;
    std::function<void()> on_arrival_;
    Instant deadline_ = never;
    Duration expected_within_{};
    Instant waiting_until_ = never;
    std::uint64_t turn_ = 0;
    std::uint64_t written_ = 0;
    std::uint64_t arrived_ = 0;
    Instant arrived_at_{};
    Instant rate_from_{};  // since then there was always something to acknowledge
    std::uint64_t rate_base_ = 0;
    Duration look_after_ = look_first;
    bool only_cancels_ = false;
    bool barked_ = false;

    static constexpr Duration look_first = 10ms, look_last = 1s;
};

}  // namespace strata::application
