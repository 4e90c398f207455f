#include "strata/5_session/rpc/server/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <list>
#include <map>

#include "strata/0_foundation/counted_as.hpp"
#include "strata/5_session/idioms/accept_each.hpp"
#include "strata/5_session/rpc/server/connection.hpp"
#include "strata/5_session/rpc/server/datagram_door.hpp"

namespace strata::session::rpc {
namespace {

constexpr int ports_tried = 16;          // for one that is free for connections and datagrams
constexpr int looked_at_max = 8;         // connections, for one that can make room
constexpr std::size_t leaving_max = 64;  // that have made room, and have not ended yet

}  // namespace

struct Server::State {
    struct Guest {
        std::shared_ptr<Connection> connection;
        bool leaving = false;
    };
    State(Network& of, const Options& given)
        : network(of),
          options(given),
          dispatcher(std::make_shared<Dispatcher>(of, given.cache)),
          spare(std::make_shared<SpareBlocks>(given.record.record_max, given.spare_blocks_max)),
          held(std::make_shared<HeldBytes>(given.held_bytes_all_max)) {}

    Network& network;
    Options options;
    std::shared_ptr<Dispatcher> dispatcher;
    std::shared_ptr<SpareBlocks> spare;
    std::shared_ptr<HeldBytes> held;
    std::list<std::shared_ptr<Acceptor>> acceptors;
    std::list<std::shared_ptr<DatagramDoor>> doors;
    std::list<Guest> guests;  // who called last at the end
    std::size_t leaving = 0;
    std::map<IpAddress, std::size_t> per_address;

    static void take(const std::shared_ptr<State>& state, Stream stream);
    [[nodiscard]] Address counted_for(const Stream& stream) const {
        return options.client_behind ? options.client_behind(stream.remote()) : stream.remote();
    }
    [[nodiscard]] bool has_room(const Address& client);
    [[nodiscard]] bool make_room();
    void count(const Address& client, bool one_more);
    void close_doors() {
        for (const auto& acceptor : acceptors) acceptor->close();
        acceptors.clear();
    }
};

bool Server::State::has_room(const Address& client) {
    if (!client.is_unix()) {
        const auto found = per_address.find(counted_as(client.endpoint().address));
        if (found != per_address.end() && found->second >= options.connections_per_address_max) return false;
    }
    return guests.size() - leaving < options.connections_max || make_room();
}

// One that waits for an answer is not sent away, and of those that called last none is looked for
// among many.
bool Server::State::make_room() {
    if (leaving >= leaving_max) return false;
    int left = looked_at_max;
    for (auto each = guests.begin(); each != guests.end() && left > 0; ++each, --left) {
        if (each->leaving || !each->connection->is_answered()) continue;
        ++dispatcher->counters.rpcConnectionsEvicted;
        each->leaving = true;
        ++leaving;
        guests.splice(guests.end(), guests, each);
        const std::shared_ptr<Connection> silent = each->connection;
        silent->abort();
        return true;
    }
    return false;
}

void Server::State::count(const Address& client, bool one_more) {
    if (client.is_unix()) return;
    const auto place = per_address.try_emplace(counted_as(client.endpoint().address)).first;
    if (one_more) {
        ++place->second;
    } else if (--place->second == 0) {
        per_address.erase(place);
    }
}

void Server::State::take(const std::shared_ptr<State>& state, Stream stream) {
    const Address client = state->counted_for(stream);
    const bool is_let_in = !state->options.lets_in || state->options.lets_in(client);
    if (!is_let_in || !state->has_room(client)) {
        ++state->dispatcher->counters.rpcConnectionsRefused;
        return stream.abort();
    }
    ++state->dispatcher->counters.rpcConnections;
    const auto place = state->guests.emplace(state->guests.end());
    std::weak_ptr<State> kept = state;
    auto called = [kept, place] {
        if (const auto there = kept.lock()) there->guests.splice(there->guests.end(), there->guests, place);
    };
    Connection::Common common{state->dispatcher, state->spare, state->held};
    const auto connection = std::make_shared<Connection>(state->network, std::move(stream), std::move(common),
                                                         state->options, std::move(called));
    place->connection = connection;
    state->count(client, true);
    auto ended = [state, connection, place, client](const std::exception_ptr& failed) {
        if (failed) connection->abort();
        if (place->leaving) --state->leaving;
        state->guests.erase(place);
        state->count(client, false);
    };
    asio::co_spawn(state->network.get_executor(), Connection::run(connection), std::move(ended));
}

Server::Server(Network& network, const Options& options) : state_(std::make_shared<State>(network, options)) {}

Server::~Server() { abort(); }

void Server::add(std::shared_ptr<Program> program) { state_->dispatcher->add(std::move(program)); }

Address Server::start(const Address& at, error_code& error) {
    const bool any_port = !at.is_unix() && at.endpoint().port == PortNumber{0};
    for (int i = 0; i < ports_tried; ++i) {
        Acceptor acceptor = state_->network.listen(at, error);
        if (error) return {};
        Address local = acceptor.local();
        if (!at.is_unix()) {
            Datagram socket = state_->network.open_datagram(local, error);
            if (error == asio::error::address_in_use && any_port) continue;
            if (error) return {};
            start(std::move(socket));
        }
        start(std::move(acceptor));
        return local;
    }
    return {};
}

void Server::start(Acceptor acceptor) {
    const auto kept = std::make_shared<Acceptor>(std::move(acceptor));
    state_->acceptors.push_back(kept);
    auto taken = [state = state_, kept](Stream stream) { State::take(state, std::move(stream)); };
    asio::co_spawn(state_->network.get_executor(), accept_each(state_->network, *kept, std::move(taken)),
                   asio::detached);
}

void Server::start(Datagram socket) {
    const auto door =
        std::make_shared<DatagramDoor>(state_->network, std::move(socket), state_->dispatcher, state_->options);
    state_->doors.push_back(door);
    door->start();
}

void Server::stop() {
    state_->close_doors();
    for (const auto& door : state_->doors) door->finish();
    for (const auto& guest : state_->guests) guest.connection->finish();
}

void Server::abort() {
    state_->close_doors();
    for (const auto& door : state_->doors) door->abort();
    state_->doors.clear();
    for (const auto& guest : state_->guests) guest.connection->abort();
}

std::size_t Server::active() const noexcept { return state_->guests.size(); }
const RpcServerCounters& Server::counters() const noexcept { return state_->dispatcher->counters; }

}  // namespace strata::session::rpc
