#include "strata/7_application/http/server.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <optional>
#include <vector>

#include "strata/5_session/accept_each.hpp"
#include "strata/7_application/deliver.hpp"
#include "strata/7_application/http/answer.hpp"
#include "strata/7_application/http/date.hpp"
#include "strata/7_application/http/deliveries.hpp"
#include "strata/7_application/registered.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;
using session::Stream;

namespace {

// One client's connection.
struct Connection {
    Connection(session::Network& network, Stream accepted, std::size_t buffer_max, const Patience& patience,
               const Server::Log& log)
        : stream(std::move(accepted)),
          watchdog(Watchdog::make(network, stream, patience)),
          deliveries(*watchdog, log),
          buffer(buffer_max),
          client(stream.remote()) {}
    ~Connection() { watchdog->stop(); }
    Stream stream;
    std::shared_ptr<Watchdog> watchdog;
    Deliveries deliveries;
    beast::flat_buffer buffer;
    session::Address client;
    std::vector<std::byte> chunk;  // as large as the files asked for need, up to Options::chunk
    bool idle = true;
    bool file_short = false;
};

}  // namespace

struct Server::State {
    session::Network& network;
    const FileRoot& root;
    Log log;
    Options options;
    session::Acceptor acceptor;
    Conversations<Connection> connections;
    Conversations<Connection> turned_away;  // that are told so
    std::uint64_t accepted = 0;
    bool stopped = false;
    bool aborted = false;
};

namespace {

using Parser = beast::http::request_parser<beast::http::buffer_body>;

std::optional<std::string> field(const Parser& parser, beast::http::field name) {
    const auto found = parser.get().find(name);
    if (found == parser.get().end()) return std::nullopt;
    return std::string(found->value());
}

Request request_of(const Parser& parser) {
    using Field = beast::http::field;
    const auto& message = parser.get();
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    // The absolute form (RFC 9112 3.2.2), as a proxy would send it.
    if (request.target.starts_with("http://")) {
        const std::size_t path = request.target.find('/', 7);
        request.target = path == std::string::npos ? "/" : request.target.substr(path);
    }
    request.http_1_1 = message.version() >= 11;
    request.hosts = static_cast<unsigned>(message.count(Field::host));
    request.range = field(parser, Field::range);
    request.conditions = {field(parser, Field::if_match), field(parser, Field::if_none_match),
                          field(parser, Field::if_modified_since), field(parser, Field::if_unmodified_since),
                          field(parser, Field::if_range)};
    return request;
}

// What a request that cannot be read is answered with; nothing if the client is gone.
std::optional<Answer> answer_to_garbage(const error_code& error, bool timed_out) {
    if (timed_out) return error_answer(408);
    if (error == asio::error::eof || error == beast::http::error::end_of_stream ||
        error == beast::http::error::partial_message)
        return std::nullopt;
    if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow)
        return error_answer(431);
    if (error == beast::http::error::body_limit) return error_answer(413);
    if (error == beast::http::error::bad_version) return error_answer(505);
    if (error.category() == beast::http::make_error_code(beast::http::error::bad_method).category())
        return error_answer(400);
    return std::nullopt;
}

std::string head_of(const Answer& answer, bool keep_alive, const std::string& date) {
    std::string head =
        fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\nServer: Strata\r\n", answer.status, reason_of(answer.status), date);
    for (const auto& [name, value] : answer.fields) fmt::format_to(std::back_inserter(head), "{}: {}\r\n", name, value);
    if (answer.status != 204 && answer.status != 304)
        head += "Content-Length: " + std::to_string(answer.body_size()) + "\r\n";
    head += keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
    return head;
}

// Sends a range of the file. False if the client went away, or the file has become shorter than its length was said to be.
awaitable<bool> write_range(Server::State& state, Connection& connection, const OpenFile& file, ByteRange range,
                            std::string prefix, std::uint64_t& sent) {
    // What goes before the file's bytes (the head, a part's header) leaves with the first of them.
    std::size_t filled = prefix.size();
    const auto chunk = static_cast<std::size_t>(std::min<std::uint64_t>(state.options.chunk, filled + range.count));
    if (connection.chunk.size() < std::max(chunk, filled)) connection.chunk.resize(std::max(chunk, filled));
    std::memcpy(connection.chunk.data(), prefix.data(), filled);
    do {
        const auto room = std::span(connection.chunk).subspan(filled);
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(room.size(), range.count));
        const auto count = file.read(range.first, room.first(wanted));
        connection.file_short = !count || (*count == 0 && wanted != 0);
        if (connection.file_short) co_return false;
        const bool written =
            co_await deliver(connection.stream, *connection.watchdog, Bytes(connection.chunk).first(filled + *count));
        if (!written) co_return false;
        sent += *count;
        range.first += *count;
        range.count -= *count;
        filled = 0;
    } while (range.count > 0);
    co_return true;
}

// Sends an answer. False if the connection is of no more use.
awaitable<bool> send(Server::State& state, Connection& connection, const Answer& answer, bool keep_alive,
                     std::uint64_t& sent) {
    const auto now = std::chrono::floor<std::chrono::seconds>(state.network.calendar());
    std::string waiting = head_of(answer, keep_alive, format_date(now));
    if (!answer.head_only) {
        for (const BodyPart& part : answer.parts) {
            waiting += part.head;
            const bool written = co_await write_range(state, connection, *answer.file, part.range, waiting, sent);
            if (!written) co_return false;
            waiting.clear();
        }
        waiting += answer.text;
        if (!answer.file) sent += answer.text.size();
    }
    const bool written = co_await deliver(connection.stream, *connection.watchdog, bytes_of(waiting));
    co_return written;
}

// Reads and throws away a request's body, up to the bound.
awaitable<error_code> skip_body(Connection& connection, Parser& parser) {
    std::vector<char> nowhere(4096);
    error_code error;
    while (!parser.is_done() && !error) {
        parser.get().body().data = nowhere.data();
        parser.get().body().size = nowhere.size();
        parser.get().body().more = true;
        co_await beast::http::async_read_some(connection.stream, connection.buffer, parser,
                                              redirect_error(use_awaitable, error));
        if (error == beast::http::error::need_buffer) error = {};
    }
    co_return error;
}

// An answer was written, or not all of it: then nothing may follow.
void note(Connection& connection, const Request& request, const Answer& answer, std::uint64_t sent, Instant began,
          bool written) {
    connection.deliveries.add({connection.client, request.method, request.target, answer.status, sent}, began, written);
    if (!written) connection.stream.abort();
}

void tell_lost(const Server::State& state, Connection& connection) {
    connection.deliveries.lost(why_lost(state.aborted, connection.file_short, connection.watchdog->barked()),
                               state.network.now());
}

// Nothing more is asked: what was answered may still be on its way.
awaitable<void> see_arrive(Connection& connection) {
    const bool arrived = co_await connection.watchdog->all_arrived();
    if (!arrived) connection.stream.abort();
}

// Why a request's framing cannot be trusted (RFC 9112 6.1, 6.3): whoever reads on behind it might take its body for a request. 0 if it can.
unsigned refused_framing(const Parser& parser) {
    const auto codings = parser.get().equal_range(beast::http::field::transfer_encoding);
    if (codings.first == codings.second) return 0;
    const bool one = std::next(codings.first) == codings.second;
    if (parser.get().version() < 11 || parser.get().count(beast::http::field::content_length) > 0) return 400;
    return one && beast::iequals(codings.first->value(), "chunked") ? 0 : 501;
}

// One request. False: it was the last on this connection.
awaitable<bool> serve_request(Server::State& state, Connection& connection, std::uint64_t number) {
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(state.options.header_max));
    parser.body_limit(state.options.body_max);
    connection.idle = connection.buffer.size() == 0;
    // Whoever stays silent is parted from in order: what was sent before may still be on its way.
    connection.watchdog->only_cancels(true);
    connection.watchdog->expect_within(number == 0 ? state.options.request_timeout : state.options.idle_timeout);
    error_code error;
    if (connection.idle) {
        // The time for a request runs from its first byte.
        const auto count = co_await connection.stream.async_read_some(connection.buffer.prepare(4096),
                                                                      redirect_error(use_awaitable, error));
        connection.buffer.commit(count);
        if (error) {
            co_await see_arrive(connection);
            co_return false;
        }
    }
    connection.idle = false;
    const Instant began = state.network.now();
    // Cancelled only: there is still something to say.
    connection.watchdog->expect_within(state.options.request_timeout);
    co_await beast::http::async_read_header(connection.stream, connection.buffer, parser,
                                            redirect_error(use_awaitable, error));
    const unsigned refused_status = error ? 0 : refused_framing(parser);
    if (!error && refused_status == 0 && !parser.is_done()) error = co_await skip_body(connection, parser);
    const bool timed_out = connection.watchdog->barked();
    connection.watchdog->only_cancels(false);

    Request request;
    std::uint64_t sent = 0;
    if (error || timed_out || refused_status != 0) {
        const auto refused = refused_status != 0 ? error_answer(refused_status) : answer_to_garbage(error, timed_out);
        if (!refused) {
            co_await see_arrive(connection);
            co_return false;
        }
        const bool written = co_await send(state, connection, *refused, false, sent);
        note(connection, request, *refused, sent, began, written);
        if (written) (void)co_await part(connection.stream, *connection.watchdog, state.options.body_max);
        co_return false;
    }
    request = request_of(parser);
    const Answer answered = answer(state.root, request);
    const bool keep_alive = parser.get().keep_alive() && !state.stopped && number + 1 < state.options.requests_max &&
                            answered.status != 400;
    const bool written = co_await send(state, connection, answered, keep_alive, sent);
    note(connection, request, answered, sent, began, written);
    if (!written) co_return false;
    if (!keep_alive) (void)co_await part(connection.stream, *connection.watchdog, state.options.body_max);
    // Most have arrived by now, and were only not asked for.
    if (connection.deliveries.size() >= state.options.unacknowledged_max) connection.watchdog->look();
    if (connection.deliveries.size() >= state.options.unacknowledged_max) co_await see_arrive(connection);
    co_return keep_alive;
}

awaitable<void> serve_connection(std::shared_ptr<Server::State> state, Stream stream) {
    Connection connection(state->network, std::move(stream), state->options.header_max + 8192, state->options.patience,
                          state->log);
    const Registered place(state->connections, ++state->accepted, connection);
    connection.stream.set_no_delay(true);
    bool more = true;
    try {
        for (std::uint64_t number = 0; more && !state->stopped; ++number)
            more = co_await serve_request(*state, connection, number);
    } catch (const std::exception&) {
        // Out of memory, say: this client is lost, the others are not.
        connection.stream.abort();
    }
    tell_lost(*state, connection);
}

awaitable<void> turn_away(std::shared_ptr<Server::State> state, Stream stream) {
    Connection connection(state->network, std::move(stream), 1024, state->options.patience, state->log);
    const Registered place(state->turned_away, ++state->accepted, connection);
    std::uint64_t sent = 0;
    const Answer busy = error_answer(503, "Too many connections: try again soon.");
    const bool written = co_await send(*state, connection, busy, false, sent);
    note(connection, {}, busy, sent, state->network.now(), written);
    if (written) (void)co_await part(connection.stream, *connection.watchdog, state->options.body_max);
    tell_lost(*state, connection);
}

void take(const std::shared_ptr<Server::State>& state, Stream stream) {
    const auto executor = state->network.get_executor();
    if (state->connections.size() >= state->options.connections_max) {
        if (state->turned_away.size() >= state->options.turned_away_max) return stream.abort();
        asio::co_spawn(executor, turn_away(state, std::move(stream)), asio::detached);
    } else {
        asio::co_spawn(executor, serve_connection(state, std::move(stream)), asio::detached);
    }
}

}  // namespace

Server::Server(session::Network& network, const FileRoot& root, Log log, Options options)
    : state_(std::make_shared<State>(network, root, std::move(log), options)) {}

Server::~Server() {
    stop();
    abort();
}

void Server::start(session::Acceptor acceptor) {
    state_->acceptor = std::move(acceptor);
    auto taken = [state = state_](Stream stream) { take(state, std::move(stream)); };
    asio::co_spawn(state_->network.get_executor(), session::accept_each(state_->network, state_->acceptor, taken),
                   asio::detached);
}

void Server::stop() {
    state_->stopped = true;
    state_->acceptor.close();
    for (const auto& [place, connection] : state_->connections) {
        if (connection->idle) connection->stream.cancel();
    }
}

void Server::abort() {
    state_->aborted = true;
    for (const auto& [number, connection] : state_->connections) connection->stream.abort();
    for (const auto& [number, connection] : state_->turned_away) connection->stream.abort();
}

std::size_t Server::active() const noexcept { return state_->connections.size() + state_->turned_away.size(); }

}  // namespace strata::application::http
