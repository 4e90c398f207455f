#include "strata/7_application/talk/peer.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

namespace strata::application::talk {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr Duration parting_patience = 1s;    // for a peer that does not hang up when we have
constexpr int messages_after_the_last = 64;  // read and dropped while we wait for that
// A line of so many bytes leaves in one segment on any path, and
// arrives at once; a longer one may be seen half.
constexpr std::size_t in_one_piece = 512;

}  // namespace

Peer::Peer(session::Network& network, session::Stream stream, const presentation::Charset& charset,
           const Options& options)
    : network_(network),
      stream_(std::move(stream)),
      watchdog_(Watchdog::make(network, stream_)),
      charset_(charset),
      decoder_(charset.decoder()),
      messages_(options.raw, options.line_max),
      name_(stream_.remote()),
      news_(network),
      waiting_max_(options.waiting_max),
      line_max_(options.line_max),
      unfinished_patience_(options.unfinished_patience),
      raw_(options.raw) {
    stream_.set_no_delay(true);
    stream_.set_keepalive(true);
}

// --- receiving

namespace {

// Ends one read after a while, and nothing else that waits on the stream.
struct Quiet : std::enable_shared_from_this<Quiet> {
    explicit Quiet(session::Network& network) : timer(network.make_timer()) {}
    void begin(Duration patience) {
        timer.expires_after(patience);
        timer.async_wait([self = shared_from_this()](const error_code& error) {
            if (!error && !self->over) self->end_read.emit(asio::cancellation_type::total);
        });
    }
    void end() {
        over = true;
        timer.cancel();
    }
    session::Timer timer;
    asio::cancellation_signal end_read;
    bool over = false;
};

}  // namespace

// False if nothing more comes, for now or for good.
awaitable<bool> Peer::read_more() {
    std::vector<char> buffer(message_max);
    error_code error;
    std::size_t count = 0;
    if (messages_.rest() == Messages::Rest::after_quiet) {
        const auto quiet = std::make_shared<Quiet>(network_);
        quiet->begin(unfinished_patience_);
        count = co_await stream_.async_read_some(
            asio::buffer(buffer),
            asio::bind_cancellation_slot(quiet->end_read.slot(), redirect_error(use_awaitable, error)));
        quiet->end();
    } else {  // whoever runs this may cancel it
        count = co_await stream_.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
    }
    if (!error) messages_.add(decoder_.convert({buffer.data(), count}).value_or(""));
    if (!error) co_return true;
    const bool was_quiet = error == asio::error::operation_aborted && messages_.rest() == Messages::Rest::after_quiet &&
                           stream_.is_open() && !watchdog_->barked();
    at_end_ = !was_quiet;
    broken_ = broken_ || (at_end_ && error != asio::error::eof);
    if (at_end_) messages_.add(decoder_.flush().value_or(""));
    guard_writing();
    co_return false;
}

awaitable<std::optional<Message>> Peer::receive() {
    for (;;) {
        auto message = messages_.next();
        if (!message && messages_.rest() == Messages::Rest::at_once) message = messages_.take_rest();
        if (!message && !at_end_) {
            const bool more = co_await read_more();
            if (more) continue;
            message = messages_.next();
        }
        if (!message) message = messages_.take_rest();
        unterminated_ = false;
        if (message || at_end_) co_return message;
    }
}

std::string Peer::shown(const Message& message) {
    std::string line = received_line(name_, message.text);
    if (message.goes_on && !std::exchange(told_of_length_, true))
        line += "\n* a line of more than " + std::to_string(line_max_) +
                " bytes is shown in pieces; --line-max takes longer ones whole";
    return line;
}

// --- sending

// A peer of ours knows a line by its end. It must not take a first line that arrives in pieces for
// a program's text without an end, so a long one has an empty line before it. To a program that
// knows no line ends a text is sent unchanged; only what it could not tell from the text before,
// since it has not spoken since, is on a line of its own.
std::string Peer::framed(const Line& line) {
    if (raw_) return line.text;
    std::string text;
    if (!within_a_line_) {
        plain_ = messages_.speaks_plain();
        const bool seen_half = !has_sent_ && !plain_ && (!line.ends || line.text.size() > in_one_piece);
        if (std::exchange(cut_, false) || seen_half || (plain_ && unterminated_)) text = "\n";
    }
    has_sent_ = true;
    within_a_line_ = !line.ends;
    unterminated_ = plain_;
    text += line.text;
    if (line.ends && !plain_) text += '\n';
    return text;
}

awaitable<bool> Peer::write(std::string bytes) {
    error_code error;
    for (std::size_t done = 0; done < bytes.size() && !error;) {
        in_write_ = true;
        guard_writing();
        done += co_await stream_.async_write_some(asio::buffer(bytes) + done, redirect_error(use_awaitable, error));
        in_write_ = false;
    }
    written_ += bytes.size();
    broken_ = broken_ || error;
    if (ending_ || at_end_) watchdog_->reset();
    co_return !error;
}

// A peer that has said its last word, or has heard ours announced, must go on taking what is left.
void Peer::guard_writing() {
    if (in_write_ && (ending_ || at_end_)) watchdog_->expect_within(watchdog_->patience().stall_timeout);
}

awaitable<bool> Peer::send(Line line) {
    (void)encoded(charset_, line.text);  // before anything of it counts as sent
    std::string bytes = encoded(charset_, framed(line));
    const bool sent = co_await write(std::move(bytes));
    co_return sent;
}

void Peer::tell() {
    news_.tell();
    if (written_call_) written_call_();
}

awaitable<void> Peer::write_waiting(std::shared_ptr<Peer> peer) {
    while (!peer->waiting_.empty() && !peer->broken_) {
        const bool sent = co_await peer->write(peer->waiting_.front());
        if (!sent) break;
        peer->waiting_bytes_ -= peer->waiting_.front().size();
        peer->waiting_.pop_front();
        peer->tell();
    }
    peer->writing_ = false;
    if (peer->ending_) peer->say_the_end();
    peer->tell();
}

bool Peer::post(const Line& line) {
    if (dropping_ || is_full() || ending_ || broken_) {
        cut_ = cut_ || (within_a_line_ && !dropping_);
        dropping_ = !line.ends;
        within_a_line_ = false;
        return false;
    }
    (void)encoded(charset_, line.text);
    std::string bytes = encoded(charset_, framed(line));
    waiting_bytes_ += bytes.size();
    waiting_.push_back(std::move(bytes));
    if (!std::exchange(writing_, true))
        asio::co_spawn(stream_.get_executor(), write_waiting(shared_from_this()), asio::detached);
    return true;
}

void Peer::say_the_end() {
    (void)stream_.shut_down_sending();  // fails if the peer has left: no matter
    watchdog_->wrote(written_ + 1);     // the end counts as one
    if (ends_soon_) watchdog_->expect_within(parting_patience);
}

void Peer::end() {
    if (std::exchange(ending_, true)) return;
    guard_writing();
    if (!writing_) say_the_end();
}

void Peer::end_soon() {
    ends_soon_ = true;
    if (!ending_) return end();
    if (!writing_) watchdog_->expect_within(parting_patience);
}

awaitable<bool> Peer::arrived() {
    while (writing_ && !broken_) (void)co_await news_.next();
    if (written_ == 0 && waiting_.empty()) co_return true;
    const bool all = co_await watchdog_->all_arrived();
    co_return waiting_.empty() && all;
}

// Waits, briefly, until the peer is done as well: what was sent has then arrived.
awaitable<void> Peer::part() {
    end_soon();
    for (int i = 0; i < messages_after_the_last; ++i) {
        const auto more = co_await receive();
        if (!more) break;
    }
}

awaitable<bool> Peer::play(const Script& script, const Print& print, bool& taken) {
    bool exchanged = false;
    if (script.message) {
        watchdog_->expect_within(script.timeout);
        const bool sent = co_await send(*script.message);
        if (!sent) co_return false;
    }
    for (;;) {
        if (script.is_bounded()) watchdog_->expect_within(script.timeout);
        const auto message = co_await receive();
        silent_ = watchdog_->barked();
        if (!message || taken) break;
        print(shown(*message));
        if (message->goes_on) continue;
        watchdog_->reset();
        taken = script.is_single();
        exchanged = true;
        if (script.reply) {
            if (script.is_bounded()) watchdog_->expect_within(script.timeout);
            const bool sent = co_await send(*script.reply);
            if (!sent) break;
        }
        if (script.is_single()) break;
    }
    if (exchanged) co_await part();
    co_return exchanged;
}

}  // namespace strata::application::talk
