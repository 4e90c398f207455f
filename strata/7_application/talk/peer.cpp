#include "strata/7_application/talk/peer.hpp"

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

constexpr std::size_t waiting_max = 256;     // messages that wait to be written to one peer
constexpr Duration parting_patience = 1s;    // for a peer that does not hang up when we have
constexpr int messages_after_the_last = 64;  // read and dropped while we wait for that

}  // namespace

Peer::Peer(session::Network& network, session::Stream stream, const presentation::Charset& charset)
    : stream_(std::move(stream)),
      watchdog_(Watchdog::make(network, stream_)),
      decoder_(charset.decoder()),
      name_(stream_.remote()) {
    stream_.set_no_delay(true);
    stream_.set_keepalive(true);
}

awaitable<std::optional<std::string>> Peer::receive() {
    std::vector<char> buffer(message_max);
    for (;;) {
        error_code error;
        const std::size_t count =
            co_await stream_.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        if (error) break;
        std::string text = decoder_.convert({buffer.data(), count}).value_or("");
        if (!text.empty()) co_return without_newline(std::move(text));  // else: half a character, the rest comes
    }
    std::string rest = decoder_.flush().value_or("");
    if (!rest.empty()) co_return rest;
    co_return std::nullopt;
}

awaitable<bool> Peer::send(const std::string& bytes) {
    error_code error;
    co_await stream_.async_write(asio::buffer(bytes), redirect_error(use_awaitable, error));
    co_return !error;
}

awaitable<void> Peer::write_waiting(std::shared_ptr<Peer> peer) {
    while (!peer->waiting_.empty()) {
        const std::string next = std::move(peer->waiting_.front());
        peer->waiting_.pop_front();
        const bool sent = co_await peer->send(next);
        if (!sent) peer->waiting_.clear();
    }
    peer->writing_ = false;
    if (peer->ending_) (void)peer->stream_.shut_down_sending();  // fails if the peer is gone: no matter
}

bool Peer::post(std::string bytes) {
    if (waiting_.size() >= waiting_max || ending_) return false;
    waiting_.push_back(std::move(bytes));
    if (!std::exchange(writing_, true))
        asio::co_spawn(stream_.get_executor(), write_waiting(shared_from_this()), asio::detached);
    return true;
}

void Peer::end() {
    ending_ = true;
    if (!writing_) (void)stream_.shut_down_sending();
}

void Peer::end_soon() {
    end();
    watchdog_->expect_within(parting_patience);
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
        const auto text = co_await receive();
        silent_ = watchdog_->barked();
        if (!text || taken) break;
        watchdog_->reset();
        taken = script.is_single();
        exchanged = true;
        print(received_line(name_, *text));
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
