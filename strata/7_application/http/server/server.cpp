// compiled alone: Beast's templates take their time as it is

#include "strata/7_application/http/server/server.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "strata/5_session/accept_each.hpp"
#include "strata/7_application/http/server/answer.hpp"
#include "strata/7_application/http/server/deliveries.hpp"
#include "strata/7_application/http/server/request_reader.hpp"
#include "strata/7_application/http/server/send.hpp"
#include "strata/7_application/serving/deliver.hpp"
#include "strata/7_application/serving/registered.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;
using session::Stream;

namespace {

constexpr std::size_t first_read = 4096;  // room for a request; memory, for each client that says nothing

// One client's connection.
struct Connection {
    Connection(session::Network& network, Stream accepted, std::size_t buffer_max, session::Address from,
               const Server::Options& options, DateNow& date, const Server::Log& log)
        : stream(std::move(accepted)),
          watchdog(Watchdog::make(network, stream, options.patience)),
          deliveries(*watchdog, log, [this] { show_idle(); }),
          outlet{network, stream, *watchdog, date},
          buffer(buffer_max),
          client(std::move(from)) {}
    ~Connection() { watchdog->stop(); }
    // Who still takes an answer is not idle, though nothing is asked.
    void show_idle() {
        if (place) place->set_idle(idle && deliveries.size() == 0);
    }
    void set_idle(bool on) {
        idle = on;
        show_idle();
    }
    Stream stream;
    std::shared_ptr<Watchdog> watchdog;
    Deliveries deliveries;
    Outlet outlet;
    beast::flat_buffer buffer;
    session::Address client;
    std::optional<Places::Place> place{};  // of one that is served
    bool idle = true;                      // waits for a request
    bool leaving = false;                  // others need its place
};

}  // namespace

struct Server::State {
    State(session::Network& on, const FileRoot& root, Log tell, Options given)
        : network(on),
          files(root, given.files),
          listings(on, given.listings),
          log(std::move(tell)),
          options(std::move(given)),
          places(options.places ? options.places : std::make_shared<Places>(PlacesOptions{})) {}
    session::Network& network;
    OpenFiles files;
    Listings listings;
    DateNow date{};
    Log log;
    Options options;
    std::shared_ptr<Places> places;
    session::Acceptor acceptor;
    Conversations<Connection> connections;
    Conversations<Connection> turned_away;  // that are told so
    std::uint64_t accepted = 0;
    bool stopped = false;
    bool aborted = false;
};

namespace {

// An answer was written, or not all of it: then nothing may follow.
void note(Connection& connection, const Request& request, const Answer& answer, const Sent& sent, Instant began) {
    connection.deliveries.add({connection.client, request.method, request.target, answer.status, sent.body_bytes},
                              began, sent.whole);
    if (!sent.whole) connection.stream.abort();
}

void tell_lost(const Server::State& state, Connection& connection) {
    connection.deliveries.lost(why_lost(state.aborted, connection.outlet.file_short, connection.watchdog->barked()),
                               state.network.now());
}

// Nothing more is asked: what was answered may still be on its way.
awaitable<void> see_arrive(Connection& connection) {
    const bool arrived = co_await connection.watchdog->all_arrived();
    if (!arrived) connection.stream.abort();
}

// Waits for a request's first byte. False: none came.
awaitable<bool> await_request(Connection& connection) {
    if (connection.buffer.size() > 0) co_return true;
    connection.set_idle(true);
    error_code error;
    const auto count = co_await connection.stream.async_read_some(connection.buffer.prepare(first_read),
                                                                  redirect_error(use_awaitable, error));
    connection.set_idle(false);
    connection.buffer.commit(count);
    co_return !error;
}

// Says that this is not served, and takes leave: what stands behind it is not read as another request.
awaitable<void> refuse(const Server::State& state, Connection& connection, const Request& request,
                       const Answer& refusal, Instant began) {
    const Sent sent = co_await send(connection.outlet, refusal, false);
    note(connection, request, refusal, sent, began);
    if (sent.whole) (void)co_await part(connection.stream, *connection.watchdog, state.options.body_max);
}

// One request. False: it was the last on this connection.
awaitable<bool> serve_request(Server::State& state, Connection& connection, std::uint64_t number) {
    const Server::Options& options = state.options;
    RequestHead head;
    RequestParser& parser = head.parser;
    parser.header_limit(static_cast<std::uint32_t>(options.header_max));
    parser.body_limit(options.body_max);
    // Whoever stays silent is parted from in order: what was sent before may still be on its way.
    connection.watchdog->only_cancels(true);
    connection.watchdog->expect_within(number == 0 ? options.request_timeout : options.idle_timeout);
    const bool asked = co_await await_request(connection);
    if (!asked) {
        co_await see_arrive(connection);
        co_return false;
    }
    // The time for a request runs from its first byte. Cancelled only: there is still something to say.
    const Instant began = state.network.now();
    connection.watchdog->expect_within(options.request_timeout);
    error_code error;
    if (!parse_head(connection.buffer, head, options.header_max, error))
        error = co_await read_head(connection.stream, connection.buffer, head, options.header_max);
    std::optional<Answer> refusal;
    if (head.refused != 0) refusal = error_answer(head.refused);
    if (!error && !refusal) refusal = refuse_early(parser);
    // Who waits with the body until it is asked for gets the answer instead.
    const bool whole = !error && !refusal && (parser.is_done() || !expects_continue(parser));
    if (whole && !parser.is_done()) error = co_await skip_body(connection.stream, connection.buffer, parser);
    const bool timed_out = connection.watchdog->barked();
    connection.watchdog->only_cancels(false);
    if (error || timed_out) refusal = answer_to_garbage(error, timed_out);
    if (error && !refusal) {
        co_await see_arrive(connection);
        co_return false;
    }
    if (refusal) {
        Request unread;
        const bool is_too_long = error == beast::http::error::body_limit;
        if (head.refused == 0 && (!error || is_too_long)) unread = request_of(parser);
        // What nobody may do here he may not do at length.
        if (is_too_long && !is_allowed(unread.method)) refusal = method_refusal();
        co_await refuse(state, connection, unread, *refusal, began);
        co_return false;
    }
    const Request request = request_of(parser);
    const Answer answered =
        answer(state.files, {state.network.now(), state.network.calendar()}, request, options.answers);
    const bool knows_chunks = parser.get().version() >= 11;
    const bool keep_alive = whole && (knows_chunks || !answered.listing) && parser.get().keep_alive() &&
                            !state.stopped && !connection.leaving && number + 1 < options.requests_max &&
                            answered.status != 400;
    Sent sent;
    if (answered.listing) {
        sent = co_await send_listing(connection.outlet, answered, keep_alive, knows_chunks, state.files.root(),
                                     state.listings);
    } else {
        sent = co_await send(connection.outlet, answered, keep_alive);
    }
    note(connection, request, answered, sent, began);
    if (!sent.whole) co_return false;
    if (!keep_alive) (void)co_await part(connection.stream, *connection.watchdog, options.body_max);
    // Most have arrived by now, and were only not asked for.
    if (connection.deliveries.size() >= options.unacknowledged_max) connection.watchdog->look();
    if (connection.deliveries.size() >= options.unacknowledged_max) co_await see_arrive(connection);
    co_return keep_alive;
}

awaitable<void> serve_connection(std::shared_ptr<Server::State> state, Stream stream, session::Address client,
                                 Places::Place held, std::uint64_t number) {
    Connection connection(state->network, std::move(stream), state->options.header_max + 8192, std::move(client),
                          state->options, state->date, state->log);
    const Registered registered(state->connections, number, connection);
    connection.place.emplace(std::move(held));
    connection.stream.set_no_delay(true);
    bool more = true;
    try {
        for (std::uint64_t request = 0; more && !state->stopped; ++request)
            more = co_await serve_request(*state, connection, request);
    } catch (const std::exception&) {
        // Out of memory, say: this client is lost, the others are not.
        connection.stream.abort();
    }
    tell_lost(*state, connection);
}

awaitable<void> turn_away(std::shared_ptr<Server::State> state, Stream stream, session::Address client, NoPlace why,
                          std::uint64_t number) {
    Connection connection(state->network, std::move(stream), 1024, std::move(client), state->options, state->date,
                          state->log);
    const Registered registered(state->turned_away, number, connection);
    const Answer busy =
        error_answer(503, why == NoPlace::full ? "Too many connections: try again soon."
                                               : "Too many connections from your address: close some of them.");
    const Request unread;
    co_await refuse(*state, connection, unread, busy, state->network.now());
    tell_lost(*state, connection);
}

// Others need its place, and it was idle when they asked.
void make_leave(Server::State& state, std::uint64_t number) {
    const auto found = state.connections.find(number);
    if (found == state.connections.end()) return;
    found->second->leaving = true;
    if (found->second->idle) found->second->stream.cancel();
}

void take(const std::shared_ptr<Server::State>& state, Stream stream) {
    const auto executor = state->network.get_executor();
    const auto& who = state->options.client_behind;
    session::Address client = who ? who(stream.remote()) : stream.remote();
    const std::uint64_t number = ++state->accepted;
    auto place = state->places->take(client, executor, [weak = std::weak_ptr(state), number] {
        if (const auto here = weak.lock()) make_leave(*here, number);
    });
    if (place) {
        asio::co_spawn(executor,
                       serve_connection(state, std::move(stream), std::move(client), std::move(*place), number),
                       asio::detached);
    } else if (state->turned_away.size() >= state->options.turned_away_max) {
        stream.abort();
    } else {
        asio::co_spawn(executor, turn_away(state, std::move(stream), std::move(client), place.error(), number),
                       asio::detached);
    }
}

}  // namespace

Server::Server(session::Network& network, const FileRoot& root, Log log, Options options)
    : state_(std::make_shared<State>(network, root, std::move(log), std::move(options))) {}

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
