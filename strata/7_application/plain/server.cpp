#include "strata/7_application/plain/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <stdexcept>
#include <vector>

#include "strata/5_session/accept_each.hpp"
#include "strata/6_presentation/charset.hpp"
#include "strata/7_application/plain/name.hpp"
#include "strata/7_application/serving/deliver.hpp"
#include "strata/7_application/serving/registered.hpp"

namespace strata::application::plain {

namespace asio = session::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;
using session::Stream;

namespace {

constexpr std::size_t unread_max = 64 << 10;  // that a client may send behind its name

struct Connection {
    Connection(session::Network& network, Stream accepted, session::Address from, const Patience& patience)
        : stream(std::move(accepted)), watchdog(Watchdog::make(network, stream, patience)), client(std::move(from)) {}
    ~Connection() { watchdog->stop(); }
    Stream stream;
    std::shared_ptr<Watchdog> watchdog;
    session::Address client;
    bool nameless = true;  // it has not said what it wants
};

}  // namespace

struct Server::State {
    session::Network& network;
    OpenFiles files;
    Log log;
    Options options;
    presentation::Charset charset;
    session::Acceptor acceptor;
    std::shared_ptr<Places> places;
    Conversations<Connection> connections;
    std::uint64_t accepted = 0;
    bool aborted = false;
};

namespace {

// Nothing if the client went away, or said nothing.
awaitable<std::optional<std::string>> read_name(Server::State& state, Connection& connection) {
    NameReader reader;
    std::vector<char> buffer(name_max);
    bool complete = false;
    connection.watchdog->only_cancels(true);  // quiet ends a name, not the conversation
    while (!complete) {
        // Before the first byte a client may think; after it, quiet means that this was the name.
        connection.watchdog->expect_within(reader.name().empty() ? state.options.name_timeout : state.options.quiet);
        error_code error;
        const auto count =
            co_await connection.stream.async_read_some(asio::buffer(buffer), redirect_error(use_awaitable, error));
        const bool ended = error == asio::error::eof || connection.watchdog->barked();
        if (error && !ended) co_return std::nullopt;
        complete = reader.add({buffer.data(), count}) || ended;
    }
    connection.watchdog->reset();
    connection.watchdog->only_cancels(false);
    if (reader.name().empty()) co_return std::nullopt;
    co_return reader.name();
}

// What could not be sent whole is reset, so that it doesn't look whole. As many bytes as the file had when it was opened. By the end of the stream the client knows that it has them all: a file that became
// shorter, or longer, meanwhile must not look like the one that was asked for.
awaitable<void> serve_file(Server::State& state, Connection& connection, const OpenFile& file, RequestReport& report) {
    connection.stream.set_reset_at_death(true);  // until close(), which comes when all has arrived
    const Outgoing out{{}, {file.descriptor(), 0, file.facts().size, file.facts().device}};
    const error_code error = co_await deliver(connection.stream, *connection.watchdog, out);
    bool arrived = false;
    if (!error) {
        arrived = co_await part(connection.stream, *connection.watchdog, unread_max);
    } else {
        connection.watchdog->look();
        connection.stream.abort();
    }
    report.bytes = std::min(connection.watchdog->arrived(), file.facts().size);
    if (!arrived) report.ending = why_lost(state.aborted, error == asio::error::eof, connection.watchdog->barked());
}

awaitable<void> serve_name(Server::State& state, Connection& connection, Places::Place& place) {
    place.set_idle(true);
    const std::optional<std::string> raw = co_await read_name(state, connection);
    place.set_idle(false);
    connection.nameless = false;
    if (!raw) co_return;
    const Instant began = state.network.now();
    RequestReport report{connection.client, state.charset.decode(*raw, presentation::OnInvalid::replace).value_or("?")};
    const auto name = state.charset.decode(*raw);
    auto file = name ? state.files.open(*name, state.network.now()) : std::unexpected(name.error());
    report.found = file && !(*file)->facts().folder;
    if (report.found) co_await serve_file(state, connection, **file, report);
    const bool arrived = report.found && report.ending == Ending::whole;
    report.took = (arrived ? connection.watchdog->arrived_at() : state.network.now()) - began;
    if (state.log) state.log(report);
    if (!report.found) (void)co_await part(connection.stream, *connection.watchdog, unread_max);
}

awaitable<void> serve_connection(std::shared_ptr<Server::State> state, Stream stream, session::Address client,
                                 Places::Place held, std::uint64_t number) {
    Connection connection(state->network, std::move(stream), std::move(client), state->options.patience);
    const Registered registered(state->connections, number, connection);
    Places::Place place = std::move(held);
    try {
        co_await serve_name(*state, connection, place);
    } catch (const std::exception&) {
        // Out of memory, say: this client is lost, the others are not.
        connection.stream.abort();
    }
}

// Others need its place, and it had said no name when they asked.
void make_leave(Server::State& state, std::uint64_t number) {
    const auto found = state.connections.find(number);
    if (found != state.connections.end() && found->second->nameless) found->second->stream.abort();
}

// There are no words for it on the wire: a reset, before the first byte.
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
        return;
    }
    stream.abort();
    RequestReport report{std::move(client)};
    report.turned_away = true;
    if (state->log) state->log(report);
}

presentation::Charset charset_named(const std::string& name) {
    auto charset = presentation::Charset::find(name);
    if (!charset)
        throw std::invalid_argument("the encoding '" + name +
                                    "' is not known here; UTF-8 and GBK are among those that are");
    return *charset;
}

}  // namespace

Server::Server(session::Network& network, const FileRoot& root, Log log, Options options)
    : state_(std::make_shared<State>(network, OpenFiles(root, options.files), std::move(log), options,
                                     charset_named(options.encoding))) {
    state_->places = options.places ? options.places : std::make_shared<Places>(PlacesOptions{});
}

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

void Server::stop() { state_->acceptor.close(); }

void Server::abort() {
    state_->aborted = true;
    for (const auto& [place, connection] : state_->connections) connection->stream.abort();
}

std::size_t Server::active() const noexcept { return state_->connections.size(); }

}  // namespace strata::application::plain
