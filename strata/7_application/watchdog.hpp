// Watchdog: ends a conversation whose peer is too slow. One timer a conversation, however many reads and writes it guards.
//
// expect_within() before waiting for the peer only notes a time. When it has passed the watchdog barks: it aborts the stream, or only
// cancels what waits, again and again until the next expect_within() or reset(): one cancel may fall between two operations,
// with nothing there to cancel.
#pragma once

#include <memory>

#include "strata/5_session/network.hpp"

namespace strata::application {

class Watchdog : public std::enable_shared_from_this<Watchdog> {
public:
    // Network and stream outlive it, or it is stopped before.
    [[nodiscard]] static std::shared_ptr<Watchdog> make(session::Network& network, session::Stream& stream);
    Watchdog(session::Network& network, session::Stream& stream);  // for make()

    void expect_within(Duration patience);
    // Instead of aborting the stream: what waits ends with operation_aborted, and the stream can still be written to.
    void only_cancels(bool on) { only_cancels_ = on; }
    // The time had passed. Until the next expect_within() or reset().
    [[nodiscard]] bool barked() const noexcept { return barked_; }
    // Expects nothing.
    void reset();
    // For good.
    void stop();

private:
    void wait_until(Instant time);
    void expired();

    session::Network* network_;
    session::Stream* stream_;
    session::Timer timer_;
    Instant deadline_ = never;
    Instant waiting_until_ = never;
    std::uint64_t turn_ = 0;
    bool only_cancels_ = false;
    bool barked_ = false;
};

}  // namespace strata::application
