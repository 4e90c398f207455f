#include "strata/7_application/http/server/writing/body_reader.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/read.hpp>
#include <cstring>

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using session::error_code;

BodyReader::BodyReader(session::Stream& stream, beast::flat_buffer& buffer, RequestParser& parser)
    : stream_(stream), buffer_(buffer), parser_(parser), remaining_(parser.content_length().value_or(0)) {}

bool BodyReader::done() const noexcept { return parser_.chunked() ? parser_.is_done() : remaining_ == 0; }

// What has its length said goes past the parser: from the stream to where it belongs.
asio::awaitable<std::size_t> BodyReader::read_some(MutableBytes to, error_code& error) {
    error = {};
    if (parser_.chunked()) co_return co_await read_chunked(to, error);
    std::size_t count = static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), remaining_));
    if (buffer_.size() > 0) {
        count = std::min(count, buffer_.size());
        std::memcpy(to.data(), buffer_.data().data(), count);
        buffer_.consume(count);
    } else {
        const asio::mutable_buffer room(to.data(), count);
        count = co_await stream_.async_read_some(room, asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::eof) error = beast::http::error::partial_message;
    }
    remaining_ -= count;
    co_return count;
}

asio::awaitable<std::size_t> BodyReader::read_chunked(MutableBytes to, error_code& error) {
    auto& body = parser_.get().body();
    body.data = to.data();
    body.size = to.size();
    body.more = true;
    co_await beast::http::async_read_some(stream_, buffer_, parser_, asio::redirect_error(asio::use_awaitable, error));
    if (error == beast::http::error::need_buffer) error = {};
    co_return to.size() - body.size;
}

}  // namespace strata::application::http
