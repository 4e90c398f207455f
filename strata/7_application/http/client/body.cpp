// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/client/body.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/error.hpp>
#include <cstring>

#include "strata/7_application/http/client/chunks.hpp"
#include "strata/7_application/transfer/pace.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

class Body {
public:
    Body(session::Network& network, Exchange& exchange, const BodyTaker& taker, const ClientOptions& options)
        : exchange_(exchange),
          taker_(taker),
          options_(options),
          pace_(network, options.rate_limit),
          is_chunked_(exchange.parser->chunked()),
          until_end_(!is_chunked_ && !exchange.parser->content_length()),
          left_(is_chunked_ ? 0 : exchange.parser->content_length().value_or(0)) {}

    awaitable<error_code> read() {
        error_code error;
        while (!error && !is_done()) {
            const MutableBytes buffer = room();
            const std::size_t count = co_await read_some(buffer, error);
            const std::size_t meant = is_chunked_ ? chunks_.take_off(buffer.first(count)) : count;
            left_ -= std::min<std::uint64_t>(meant, left_);
            taker_.take(buffer.first(meant));
            if (chunks_.is_broken()) error = beast::http::error::bad_chunk;
            if (!error) co_await pace_.after(count);
        }
        if (error == asio::error::eof && until_end_) error = {};
        co_return is_done() ? error_code{} : error;
    }

private:
    [[nodiscard]] bool is_done() const { return is_chunked_ ? chunks_.is_done() : !until_end_ && left_ == 0; }
    // It is read straight into the buffers that it is written and hashed from.
    MutableBytes room() {
        const MutableBytes buffer = taker_.lend();
        std::size_t size = pace_.at_once(buffer.size());
        if (!is_chunked_ && !until_end_) size = static_cast<std::size_t>(std::min<std::uint64_t>(size, left_));
        return buffer.first(size);
    }
    awaitable<std::size_t> read_some(MutableBytes buffer, error_code& error) {
        std::string& ahead = exchange_.ahead;
        if (!ahead.empty()) {
            const std::size_t count = std::min(ahead.size(), buffer.size());
            std::memcpy(buffer.data(), ahead.data(), count);
            ahead.erase(0, count);
            co_return count;
        }
        if (exchange_.has_ended) {
            error = asio::error::eof;
            co_return 0;
        }
        exchange_.watchdog->expect_within(options_.stall_timeout);
        co_return co_await exchange_.stream.async_read_some(asio::buffer(buffer.data(), buffer.size()),
                                                            redirect_error(use_awaitable, error));
    }

    Exchange& exchange_;
    const BodyTaker& taker_;
    const ClientOptions& options_;
    Pace pace_;
    Chunks chunks_;
    bool is_chunked_;
    bool until_end_;
    std::uint64_t left_;  // of a known length
};

}  // namespace

awaitable<error_code> read_body(session::Network& network, Exchange& exchange, const BodyTaker& taker,
                                const ClientOptions& options) {
    Body body(network, exchange, taker, options);
    co_return co_await body.read();
}

}  // namespace strata::application::http
