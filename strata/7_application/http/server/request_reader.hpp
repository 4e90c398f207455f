// How a request is read off a connection: its head as it comes, its body only to be thrown away.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "strata/5_session/stream.hpp"
#include "strata/7_application/http/server/answer.hpp"

namespace strata::application::http {

using RequestParser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;

// What has come of a request's head.
struct RequestHead {
    RequestParser parser;
    bool line_is_good = false;
    unsigned refused = 0;  // the status that says what is wrong with its line
};

// Looks at what the buffer has. True if the head is complete, or
// wrong: then `error`, or `refused`, says how.
[[nodiscard]] bool parse_head(boost::beast::flat_buffer& buffer, RequestHead& head, std::size_t line_max,
                              session::error_code& error);
// Reads until the head is complete, or wrong.
[[nodiscard]] session::asio::awaitable<session::error_code> read_head(session::Stream& stream,
                                                                      boost::beast::flat_buffer& buffer,
                                                                      RequestHead& head, std::size_t line_max);
// Reads and throws away a request's body, up to the parser's limit.
[[nodiscard]] session::asio::awaitable<session::error_code> skip_body(session::Stream& stream,
                                                                      boost::beast::flat_buffer& buffer,
                                                                      RequestParser& parser);

// Why a request whose head is complete is answered without its body, and nothing is read behind it:
// its framing cannot be trusted (RFC 9112 6.1, 6.3: whoever reads on might take its body for a
// request), its Host is missing or wrong (3.2), or it expects what nobody here knows (RFC 9110
// 10.1.1). Nothing if it is served.
[[nodiscard]] std::optional<Answer> refuse_early(const RequestParser& parser);
// Its client waits with the body until it is asked for.
[[nodiscard]] bool expects_continue(const RequestParser& parser);
// What a request that cannot be read is answered with; nothing if the client has left.
[[nodiscard]] std::optional<Answer> answer_to_garbage(const session::error_code& error, bool timed_out);
// What the head says, as answer() wants it.
[[nodiscard]] Request request_of(const RequestParser& parser);

}  // namespace strata::application::http
