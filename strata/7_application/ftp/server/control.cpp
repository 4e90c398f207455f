#include "strata/7_application/ftp/server/control.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/7_application/serving/deliver.hpp"

namespace strata::application::ftp {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;

namespace {

constexpr std::size_t read_at_a_time = 1024;

}  // namespace

// A silent client costs no buffer.
awaitable<std::optional<CommandReader::Line>> Control::next_line() {
    for (;;) {
        if (auto line = reader_.next()) co_return line;
        buffer_.reset();
        if (std::string answers = reader_.take_answers(); !answers.empty()) say(std::move(answers));
        const bool heard = co_await said();
        if (!heard) co_return std::nullopt;
        session::error_code error;
        co_await stream_.async_wait_readable(redirect_error(use_awaitable, error));
        if (error) co_return std::nullopt;
        buffer_ = std::make_unique_for_overwrite<char[]>(read_at_a_time);
        const asio::mutable_buffer room(buffer_.get(), read_at_a_time);
        const std::size_t count = co_await stream_.async_read_some(room, redirect_error(use_awaitable, error));
        if (error) co_return std::nullopt;
        reader_.add({buffer_.get(), count});
    }
}

void Control::say(std::string text) {
    if (!unsaid_.empty() || writing_) {
        unsaid_ += text;
        return;
    }
    Outgoing out{bytes_of(text)};
    lost_ = lost_ || deliver_now(stream_, watchdog_, out);
    unsaid_ = text.substr(text.size() - out.bytes.size());
}

awaitable<bool> Control::said() {
    while (writing_) (void)co_await written_.next();
    while (!unsaid_.empty() && !lost_) {
        writing_ = true;
        const std::string text = std::exchange(unsaid_, {});
        const Outgoing out{bytes_of(text)};
        lost_ = static_cast<bool>(co_await deliver(stream_, watchdog_, out));
        writing_ = false;
        written_.tell();
    }
    co_return !lost_;
}

}  // namespace strata::application::ftp
