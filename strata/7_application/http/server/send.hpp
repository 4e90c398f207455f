// How an answer is sent: a head and a body, of text, of pieces of a
// file, or of a listing that is made while it is sent.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "strata/7_application/http/message/head.hpp"
#include "strata/7_application/http/server/answer.hpp"
#include "strata/7_application/http/server/listing/listings.hpp"
#include "strata/7_application/serving/watchdog.hpp"

namespace strata::application::http {

// Where one connection's answers go.
struct Outlet {
    session::Network& network;
    session::Stream& stream;
    Watchdog& watchdog;
    DateNow& date;
    std::string text{};       // what is sent next; kept for the one after
    bool file_short = false;  // the last file had become too short, or could not be read
};

struct Sent {
    bool whole = false;            // else the connection is of no more use: the client left, or the file is too short
    std::uint64_t body_bytes = 0;  // handed down: of the body, without what frames it
};

// Of an answer that is no listing.
[[nodiscard]] session::asio::awaitable<Sent> send(Outlet& outlet, const Answer& answer, bool keep_alive);

// Of one that is: from memory if it can be. A short one has its length
// said; a long one comes in chunks (RFC 9112 7.1), and ends with the
// connection for a client that knows none: `keep_alive` is false then.
[[nodiscard]] session::asio::awaitable<Sent> send_listing(Outlet& outlet, const Answer& answer, bool keep_alive,
                                                          bool knows_chunks, const FileRoot& root, Listings& listings);

}  // namespace strata::application::http
