#include "strata/4_transport/tcp/tcp.hpp"

#include <algorithm>
#include <array>

#include "strata/0_foundation/checksum.hpp"
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp {

bool RateLimit::allow(Instant now) noexcept {
    if (now - second_began_ >= 1s) {
        second_began_ = now;
        used_ = 0;
    }
    return used_++ < per_second_;
}

Tcp::Tcp(const Context& context, network::Service& network, const TcpOptions& options)
    : context_(context),
      network_(network),
      options_(options),
      table_key_(SipKey::random(context.entropy)),
      sequence_key_(SipKey::random(context.entropy)),
      clock_key_(SipKey::random(context.entropy)),
      table_(0, ConnectionIdHash{table_key_}),
      time_wait_(table_key_, options.time_wait_max),
      challenges_(options.challenge_acks_per_second),
      resets_(options.resets_per_second) {
    time_wait_timer_.set_action([this] {
        time_wait_.expire(context_.scheduler.now());
        context_.scheduler.arm(time_wait_timer_, time_wait_.next_expiry());
    });
    settle_timer_.set_action([this] { settle(); });
    network_.attach(network::Protocol::tcp, this);
}

Tcp::~Tcp() {
    network_.attach(network::Protocol::tcp, nullptr);
    for (auto& [endpoint, listener] : listeners_) listener->tcp_ = nullptr;
}

// ------------------------------------------------------------------------------------------------ the user's side

bool Tcp::taken(const ConnectionId& id) { return table_.contains(id) || time_wait_.find(id) != nullptr; }

Result<Connection*> Tcp::connect(const Endpoint& remote, ConnectionUser* user, const ConnectionOptions& options,
                                 const Endpoint& local) {
    if (number_of(remote.port) == 0 || remote.address.is_any() || remote.address.is_multicast())
        return fail(Error::invalid_argument);
    if (connections_.size() >= options_.connections_max) return fail(Error::limit_reached);
    auto path = network_.path_to(remote.address, local.address);
    if (!path) return std::unexpected(path.error());
    if (path->broadcast) return fail(Error::invalid_argument);
    ConnectionId id{{path->source, local.port}, remote};
    if (number_of(local.port) == 0) {
        auto port = choose_port(id);
        if (!port) return std::unexpected(port.error());
        id.local.port = *port;
    } else if (taken(id)) {
        return fail(Error::address_in_use);
    }
    Connection& connection = add(id, std::make_shared<ConnectionOptions>(options));
    connection.set_user(user);
    connection.open_actively(*path, initial_sequence(id), clock_offset(id), context_.scheduler.now());
    return &connection;
}

Result<std::unique_ptr<Listener>> Tcp::listen(const Endpoint& local, const ListenOptions& options) {
    if (!local.address.is_any() && !network_.is_own_address(local.address)) return fail(Error::address_not_available);
    Endpoint endpoint = local;
    if (number_of(local.port) == 0) {
        auto port = choose_port({local, {}});
        if (!port) return std::unexpected(port.error());
        endpoint.port = *port;
    }
    if (listeners_.contains(endpoint)) return fail(Error::address_in_use);
    auto listener = std::make_unique<Listener>(*this, endpoint, options);
    listeners_.emplace(endpoint, listener.get());
    return listener;
}

void Tcp::stopped_listening(Listener& listener) {
    listeners_.erase(listener.local());
    // What was not accepted is reset: nobody will ever read it. A half-open one goes as well.
    std::vector<Connection*> orphans;
    for (auto& [connection, owner] : connections_) {
        if (connection->books.listener == &listener) orphans.push_back(connection);
    }
    for (Connection* orphan : orphans) {
        orphan->books.listener = nullptr;
        orphan->books.half_open = false;
        orphan->abort();
        release(orphan);
    }
}

void Tcp::release(Connection* connection) {
    connection->release();
    touched(*connection);
}

// RFC 6056 3.3.1: a random place to begin, then the next that is free.
Result<PortNumber> Tcp::choose_port(ConnectionId id) {
    const std::uint32_t count = options_.ephemeral_last - options_.ephemeral_first + 1u;
    const std::uint64_t start = context_.entropy.below(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        id.local.port = PortNumber{static_cast<std::uint16_t>(options_.ephemeral_first + (start + i) % count)};
        if (!taken(id) && listener_for(id.local) == nullptr) return id.local.port;
    }
    return fail(Error::address_in_use);
}

// ------------------------------------------------------------------------------------------------ the books

Connection& Tcp::add(const ConnectionId& id, std::shared_ptr<const ConnectionOptions> options) {
    auto owned = std::make_unique<Connection>(context_, network_, static_cast<ConnectionOwner&>(*this), counters_, id,
                                              std::move(options));
    Connection* connection = owned.get();
    connection->books.timer.set_action([this, connection] {
        const Instant now = context_.scheduler.now();
        if (connection->next_deadline() > now) return arm(*connection, connection->next_deadline());
        connection->deadline_reached(now);
        touched(*connection);
    });
    connection->books.in_table = true;
    table_.emplace(id, connection);
    connections_.emplace(connection, std::move(owned));
    return *connection;
}

void Tcp::touched(Connection& connection) {
    if (connection.books.touched) return;
    connection.books.touched = true;
    touched_.push_back(&connection);
    // Outside of a burst nobody comes by to settle: do it as soon as the caller is out of the way.
    if (!in_burst_ && !settling_ && !settle_timer_.armed())
        context_.scheduler.arm(settle_timer_, context_.scheduler.now());
}

void Tcp::port_full(Connection& connection) {
    if (std::exchange(connection.books.waits_for_port, true)) return;
    waiting_for_port_.push_back(&connection);
}

void Tcp::opened(Connection& connection) {
    if (connection.books.listener != nullptr) connection.books.listener->half_open_ended(connection);
}

void Tcp::ended(Connection& connection, bool time_wait) {
    const ControlBlock& block = connection.status();
    if (Listener* listener = connection.books.listener; listener != nullptr) {
        if (connection.books.half_open) {
            listener->half_open_ended(connection);
            connection.release();
        }
        // One that waits to be accepted stays: its text can still be read.
    }
    if (!std::exchange(connection.books.in_table, false)) return;
    table_.erase(block.id);
    if (!time_wait) return;
    const Instant until = context_.scheduler.now() + 2 * options_.maximum_segment_lifetime;
    const TimeWait record{block.snd.nxt,
                          block.rcv.nxt,
                          static_cast<std::uint16_t>(std::min(0xffffu, block.rcv.wnd() >> block.negotiated.rcv_scale)),
                          block.negotiated.timestamps,
                          block.clock.offset,
                          block.clock.recent,
                          until};
    if (time_wait_.add(block.id, record)) ++counters_.timeWaitEvicted;
    if (!time_wait_timer_.armed()) context_.scheduler.arm(time_wait_timer_, time_wait_.next_expiry());
}

// The end of a burst: every connection that was touched sends what it may and tells its user, once.
void Tcp::settle() {
    if (settling_) return;
    settling_ = true;
    const Instant now = context_.scheduler.now();
    for (std::size_t i = 0; i < touched_.size(); ++i) {  // grows while we are at it
        Connection* connection = touched_[i];
        connection->books.touched = false;
        connection->transmit(now);
        if (Listener* listener = connection->books.listener; listener != nullptr) listener->notify();
        connection->notify();
        if (connection->released() && connection->over()) {
            if (const auto found = connections_.find(connection); found != connections_.end()) {
                graveyard_.push_back(std::move(found->second));
                connections_.erase(found);
            }
        }
    }
    touched_.clear();
    settling_ = false;
    bury();
}

void Tcp::bury() {
    for (auto& dead : graveyard_) {
        if (dead->books.waits_for_port) std::erase(waiting_for_port_, dead.get());
    }
    graveyard_.clear();
}

Listener* Tcp::listener_for(const Endpoint& local) const {
    if (listeners_.empty()) return nullptr;
    if (const auto found = listeners_.find(local); found != listeners_.end()) return found->second;
    const auto found = listeners_.find(Endpoint{{}, local.port});
    return found == listeners_.end() ? nullptr : found->second;
}

SequenceNumber Tcp::initial_sequence(const ConnectionId& id) const {
    const auto clock = static_cast<std::uint32_t>(context_.scheduler.now().time_since_epoch() / 4us);
    return SequenceNumber{initial_sequence_offset(sequence_key_, id) + clock};
}

std::uint32_t Tcp::clock_offset(const ConnectionId& id) const { return initial_sequence_offset(clock_key_, id); }

}  // namespace strata::transport::tcp
