// BodyReader: a request's body, piece by piece, in bounded memory.
#pragma once

#include "strata/0_foundation/bytes.hpp"
#include "strata/7_application/http/server/request_reader.hpp"

namespace strata::application::http {

class BodyReader {
public:
    // All outlive it; the buffer has what was read behind the head, and keeps what is behind the
    // body.
    BodyReader(session::Stream& stream, boost::beast::flat_buffer& buffer, RequestParser& parser);

    [[nodiscard]] bool done() const noexcept;
    // Some of it: how much; 0 where only its frame has come. Errors: partial_message if the client
    // leaves before its end, those of chunks that are none.
    [[nodiscard]] session::asio::awaitable<std::size_t> read_some(MutableBytes to, session::error_code& error);

private:
    [[nodiscard]] session::asio::awaitable<std::size_t> read_chunked(MutableBytes to, session::error_code& error);

    session::Stream& stream_;
    boost::beast::flat_buffer& buffer_;
    RequestParser& parser_;
    std::uint64_t remaining_ = 0;  // of a body whose length was said
};

}  // namespace strata::application::http
