// Control: the control connection of a session: lines come in, replies go out, in order.
//
// A client that reads no replies gets no more of them than the stream holds: the next line is not
// read before all that was said has been handed down.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>
#include <string>

#include "strata/7_application/ftp/message/command_reader.hpp"
#include "strata/7_application/serving/news.hpp"
#include "strata/7_application/serving/watchdog.hpp"

namespace strata::application::ftp {

class Control {
public:
    // All outlive it. The stream may be another by and by, as long as nothing waits for it.
    Control(session::Network& network, session::Stream& stream, Watchdog& watchdog)
        : stream_(stream), watchdog_(watchdog), written_(network) {}

    // Waits for the next line; nothing if there will be none. The
    // watchdog is told by the caller how long that may take.
    [[nodiscard]] session::asio::awaitable<std::optional<CommandReader::Line>> next_line();
    // Hands a reply down, or keeps what of it cannot be without waiting: until said().
    void say(std::string text);
    // All that was said has been handed down. False if it never will be.
    [[nodiscard]] session::asio::awaitable<bool> said();
    [[nodiscard]] bool has_unsaid() const noexcept { return !unsaid_.empty(); }
    // Something has come behind the latest line already.
    [[nodiscard]] bool has_unread() const noexcept { return reader_.has_unread() || reader_.is_inside(); }

private:
    session::Stream& stream_;
    Watchdog& watchdog_;
    CommandReader reader_;
    std::unique_ptr<char[]> buffer_;  // while lines are unread
    std::string unsaid_;
    News written_;
    bool writing_ = false;
    bool lost_ = false;  // there is nobody to be told
};

}  // namespace strata::application::ftp
