// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/client/remote/put.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

#include "strata/7_application/http/client/asking.hpp"
#include "strata/7_application/serving/news.hpp"
#include "strata/7_application/transfer/pace.hpp"

namespace strata::application::http {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;

namespace {

constexpr unsigned interim_answers_max = 16;
constexpr std::size_t piece_size = 256 << 10;
constexpr std::uint64_t worth_asking = 64 << 10;  // bytes that would be sent in vain
constexpr Duration asked_at_most = 1s;
constexpr Duration kept_within = 10min;  // what has arrived: a slow disk has much to write

// The two directions of the conversation: a server may refuse the body at any time.
class Putting {
public:
    Putting(session::Network& network, Exchange& exchange, InputFile& in, Progress on_progress,
            const ClientOptions& options, bool waits)
        : network_(network),
          exchange_(exchange),
          in_(in),
          on_progress_(std::move(on_progress)),
          pace_(network, options.rate_limit),
          stall_timeout_(options.stall_timeout),
          may_send_(!waits),
          news_(network) {}

    // Returns when there is an answer, or none will come: what ended it too early, or nothing.
    // Throws what reading the input does.
    awaitable<error_code> run(std::string request) {
        using namespace asio::experimental::awaitable_operators;
        co_await (listen() || send(std::move(request)));
        if (failure_) std::rethrow_exception(failure_);
        co_return error_;
    }
    // All of it has left.
    [[nodiscard]] bool is_sent() const noexcept { return is_sent_; }

private:
    awaitable<void> listen() {
        error_ = co_await read_head(exchange_);
        for (unsigned answers = 1; !error_ && exchange_.status() / 100 == 1; ++answers) {
            may_send_ = true;
            news_.tell();
            if (answers == interim_answers_max) {
                error_ = asio::error::connection_aborted;
                co_return;
            }
            error_ = co_await read_head(exchange_);
        }
    }
    // Ends by being cancelled: what it comes to is the answer.
    awaitable<void> send(std::string request) {
        const error_code error = co_await write(asio::buffer(request));
        if (!error && !may_send_) {
            const Duration patience = asked_at_most;
            (void)co_await news_.next(patience);
        }
        try {
            if (!error) co_await send_all();
        } catch (const boost::system::system_error& ended) {
            // Cancelled, or the conversation is over, and listen() knows.
        } catch (...) {
            failure_ = std::current_exception();
            exchange_.stream.close();
        }
        for (;;) {
            const Duration for_ever = 1h;
            (void)co_await news_.next(for_ever);
        }
    }
    awaitable<void> send_all() {
        std::vector<std::byte> buffer(pace_.at_once(piece_size));
        const MutableBytes room = buffer;
        const bool in_chunks = !in_.size();
        std::uint64_t done = 0;
        error_code error;
        if (on_progress_) on_progress_(0, in_.size());
        while (!error) {
            exchange_.watchdog->reset();  // nobody is expected to say anything while we read
            const std::size_t count = co_await in_.read(network_, room);
            if (count == 0) break;
            const std::string head = in_chunks ? fmt::format("{:x}\r\n", count) : "";
            const std::array<asio::const_buffer, 3> piece{asio::buffer(head), asio::buffer(room.data(), count),
                                                          asio::buffer("\r\n", in_chunks ? 2 : 0)};
            error = co_await write(piece);
            done += count;
            if (!error && on_progress_) on_progress_(done, in_.size());
            co_await pace_.after(count);
        }
        if (!error && in_chunks) error = co_await write(asio::buffer("0\r\n\r\n", 5));
        if (error) co_return;
        is_sent_ = true;
        exchange_.watchdog->expect_within(std::max(stall_timeout_, kept_within));
    }
    template <typename Buffers>
    awaitable<error_code> write(Buffers buffers) {
        error_code error;
        co_await exchange_.stream.async_write(buffers, redirect_error(use_awaitable, error));
        if (!error) exchange_.watchdog->wrote(asio::buffer_size(buffers));
        co_return error;
    }

    session::Network& network_;
    Exchange& exchange_;
    InputFile& in_;
    Progress on_progress_;
    Pace pace_;
    Duration stall_timeout_;
    bool may_send_;
    News news_;
    error_code error_;
    std::exception_ptr failure_;
    bool is_sent_ = false;
};

[[noreturn]] void refuse_put(const Asking& asking, const Exchange& exchange) {
    const Aim& aim = asking.aim();
    switch (exchange.status()) {
        case 403:
            fail(aim, "the server does not let it be written (403)",
                 "choose another name: what is there may be replaced only where the server was told so");
        case 405: fail(aim, "nothing may be written on the server (405)", "let whoever runs it allow that");
        case 404:
        case 409:
            fail(aim,
                 fmt::format("the folder that it belongs into is not there, or a folder has its name ({})",
                             exchange.status()),
                 "check the URL");
        case 412: fail(aim, "there is such a file on the server already", "add --force to replace it");
        case 413: fail(aim, "it is larger than the server takes (413)", "put it elsewhere");
        case 507: fail(aim, "the server has no room for it (507)", "make room there");
        default: asking.refuse(exchange);
    }
}

}  // namespace

awaitable<void> put(session::Network& network, Aim aim, InputFile& in, WriteOptions options, Progress on_progress,
                    const RemoteOptions& told) {
    in.restart();
    Asking asking(network, std::move(aim), told.client, told.http);
    const bool waits = in.size().value_or(worth_asking) >= worth_asking;
    std::string fields =
        in.size() ? fmt::format("Content-Length: {}\r\n", *in.size()) : std::string("Transfer-Encoding: chunked\r\n");
    // What is there is not replaced, also if it comes in the meantime (RFC 9110 13.1.2).
    if (!options.replace) fields += "If-None-Match: *\r\n";
    if (waits) fields += "Expect: 100-continue\r\n";
    const std::shared_ptr<Exchange> exchange = co_await asking.reach();
    std::string request = asking.request(*exchange, "PUT", fields);
    Putting putting(network, *exchange, in, on_progress, told.client, waits);
    const error_code error = co_await putting.run(std::move(request));
    if (error) fail(asking.aim(), *exchange, error, "try again");
    if (exchange->status() / 100 != 2) refuse_put(asking, *exchange);
    if (!putting.is_sent())
        fail_for_now(asking.aim(), "the server says that it has it before it can have it all", "try again");
}

}  // namespace strata::application::http
