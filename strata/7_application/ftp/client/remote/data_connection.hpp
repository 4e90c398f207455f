// DataConnection: that of one file or listing, from the client's side.
#pragma once

#include <string>

#include "strata/7_application/ftp/client/conversation.hpp"

namespace strata::application::ftp {

inline constexpr std::size_t carried_at_a_time = 256 << 10;  // bytes

// The connection and who watches it; both end with it. Unless it came to its end it is reset: an
// end in order would be that of the file (RFC 959 3.4.1).
struct DataConnection {
    DataConnection(session::Network& network, session::Stream made)
        : stream(std::move(made)), watchdog(Watchdog::make(network, stream)) {}
    DataConnection(const DataConnection&) = delete;
    DataConnection& operator=(const DataConnection&) = delete;
    ~DataConnection() {
        watchdog->stop();
        if (!is_over) stream.abort();
    }
    void finish() {
        is_over = true;
        stream.close();
    }
    [[noreturn]] void fail(const session::error_code& error) const {
        throw Failure(
            watchdog->barked() ? "nothing comes any more" : "the data connection was lost: " + error.message(),
            "try again", true, true);
    }
    session::Stream stream;
    std::shared_ptr<Watchdog> watchdog;
    bool is_over = false;
};

// It is lost: the server may say why, where it was not silent. Throws Failure.
[[nodiscard]] session::asio::awaitable<void> give_up(Conversation& with, DataConnection& data,
                                                     session::error_code error);

}  // namespace strata::application::ftp
