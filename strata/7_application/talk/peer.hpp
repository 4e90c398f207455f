// Peer: one conversation over a stream, TCP or Unix: reads messages, sends lines, keeps those that
// wait to be written, plays a script's part.
//
// Called by stream_listener (many at once) and stream_caller (one).
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "strata/7_application/serving/news.hpp"
#include "strata/7_application/serving/watchdog.hpp"
#include "strata/7_application/talk/messages.hpp"
#include "strata/7_application/talk/text.hpp"

namespace strata::application::talk {

class Peer : public std::enable_shared_from_this<Peer> {
public:
    Peer(session::Network& network, session::Stream stream, const presentation::Charset& charset,
         const Options& options);
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { watchdog_->stop(); }

    [[nodiscard]] const session::Address& name() const noexcept { return name_; }
    // The peer did not speak in time, and the conversation was ended.
    [[nodiscard]] bool was_silent() const noexcept { return silent_; }
    // Nothing can be sent any more. Else a peer that says no more may still listen; only what is
    // sent to it shows whether it does.
    [[nodiscard]] bool is_broken() const { return broken_ || stream_.is_over(); }

    // The next message. Nothing at the end of what the peer says.
    [[nodiscard]] session::asio::awaitable<std::optional<Message>> receive();
    // A line, or a piece of one. False: the peer has left. Throws
    // TalkError for what the encoding does not have.
    [[nodiscard]] session::asio::awaitable<bool> send(Line line);

    // Writes it when those before it are written. False: too much waits, or nothing can be sent any
    // more; the rest of the line is dropped too.
    bool post(const Line& line);
    [[nodiscard]] bool is_full() const noexcept { return waiting_bytes_ >= waiting_max_; }
    [[nodiscard]] std::size_t waiting_lines() const noexcept { return waiting_.size(); }
    // Called when something of what waited has been written, or never will be.
    void on_written(std::function<void()> call) { written_call_ = std::move(call); }
    // Says that nothing follows, behind what waits.
    void end();
    // As end(), and hangs up if the peer, when it has everything,
    // does not do the same within a second.
    void end_soon();
    // Hangs up at once: a reset.
    void abort() { stream_.abort(); }
    // After end(): false if not all that was written has arrived, and it never will.
    [[nodiscard]] session::asio::awaitable<bool> arrived();

    // "(10.0.0.7, 40000) >>>>>>> text", and a word about lines that are longer than line_max.
    [[nodiscard]] std::string shown(const Message& message);

    // A script's part: a message and its answer, or replies. `taken` is
    // set once an exchange takes place that shall be the only one, and
    // nothing is said where it already is. True if there was an exchange.
    [[nodiscard]] session::asio::awaitable<bool> play(const Script& script, const Print& print, bool& taken);

private:
    [[nodiscard]] static session::asio::awaitable<void> write_waiting(std::shared_ptr<Peer> peer);
    [[nodiscard]] session::asio::awaitable<void> part();
    [[nodiscard]] session::asio::awaitable<bool> write(std::string bytes);
    [[nodiscard]] session::asio::awaitable<bool> read_more();
    [[nodiscard]] std::string framed(const Line& line);
    void say_the_end();
    void guard_writing();
    void tell();

    session::Network& network_;
    session::Stream stream_;
    std::shared_ptr<Watchdog> watchdog_;
    presentation::Charset charset_;
    presentation::Charset::Decoder decoder_;
    Messages messages_;
    session::Address name_;
    News news_;  // something was written, or never will be
    std::deque<std::string> waiting_;
    std::function<void()> written_call_;
    std::size_t waiting_bytes_ = 0;
    std::size_t waiting_max_;
    std::size_t line_max_;
    Duration unfinished_patience_;
    std::uint64_t written_ = 0;
    bool raw_;
    bool writing_ = false;  // what waits
    bool in_write_ = false;
    bool ending_ = false;
    bool ends_soon_ = false;
    bool silent_ = false;
    bool broken_ = false;
    bool at_end_ = false;
    bool told_of_length_ = false;
    // Of what is sent:
    bool has_sent_ = false;
    bool within_a_line_ = false;
    bool plain_ = false;         // this line: to a peer that knows no line ends
    bool unterminated_ = false;  // our last text has no end, and the peer has not spoken since
    bool dropping_ = false;      // the rest of a line whose piece was dropped
    bool cut_ = false;           // the line before has no end for that reason
};

}  // namespace strata::application::talk
