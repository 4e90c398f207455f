// Peer: one conversation over a stream, TCP or Unix: reads messages, keeps those that wait to be written, plays a script's part.
//
// Called by stream_listener (many at once) and stream_caller (one).
#pragma once

#include <deque>
#include <memory>

#include "strata/7_application/talk/text.hpp"
#include "strata/7_application/watchdog.hpp"

namespace strata::application::talk {

class Peer : public std::enable_shared_from_this<Peer> {
public:
    Peer(session::Network& network, session::Stream stream, const presentation::Charset& charset);
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { watchdog_->stop(); }

    [[nodiscard]] const session::Address& name() const noexcept { return name_; }
    // The peer did not speak in time, and the conversation was ended.
    [[nodiscard]] bool was_silent() const noexcept { return silent_; }

    // The next message: what one read brings, without its line end. Nothing at the end of the conversation.
    [[nodiscard]] session::asio::awaitable<std::optional<std::string>> receive();
    [[nodiscard]] session::asio::awaitable<bool> send(const std::string& bytes);

    // Writes it when those before it are written. False: too many wait, it was dropped.
    bool post(std::string bytes);
    // Says that nothing follows, behind what waits.
    void end();
    // As end(), and hangs up if the peer has not done the same within a second.
    void end_soon();

    // A script's part: a message and its answer, or replies. `taken` is set once an exchange takes place that shall be the only one,
    // and nothing is said where it already is. True if there was an exchange.
    [[nodiscard]] session::asio::awaitable<bool> play(const Script& script, const Print& print, bool& taken);

private:
    [[nodiscard]] static session::asio::awaitable<void> write_waiting(std::shared_ptr<Peer> peer);
    [[nodiscard]] session::asio::awaitable<void> part();

    session::Stream stream_;
    std::shared_ptr<Watchdog> watchdog_;
    presentation::Charset::Decoder decoder_;
    session::Address name_;
    std::deque<std::string> waiting_;
    bool writing_ = false;
    bool ending_ = false;
    bool silent_ = false;
};

}  // namespace strata::application::talk
