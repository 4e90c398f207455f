#include "strata/4_transport/tcp/tcp.hpp"

#include <algorithm>
#include <array>

#include "strata/4_transport/tcp/control_block/invariants.hpp"
#include "strata/4_transport/tcp/entry.hpp"
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp {

Tcp::Tcp(const Context& context, network::Service& network, const TcpOptions& options)
    : context_(context),
      network_(network),
      options_(options),
      table_key_(SipKey::random(context.entropy)),
      sequence_key_(SipKey::random(context.entropy)),
      clock_key_(SipKey::random(context.entropy)),
      table_(0, ConnectionIdHash{table_key_}),
      time_wait_(table_key_, options.time_wait_max, 2 * options.maximum_segment_lifetime),
      memory_{.max = options.memory_max},
      challenges_(options.challenge_acks_per_second),
      resets_(options.resets_per_second),
      resets_a_peer_(SipKey::random(context.entropy)) {
    time_wait_timer_.set_action([this] {
        time_wait_.expire(context_.scheduler.now());
        context_.scheduler.arm(time_wait_timer_, time_wait_.next_expiry());
    });
    settle_timer_.set_action([this] { settle(); });
    network_.attach(network::Protocol::tcp, this);
}

Tcp::~Tcp() {
    network_.attach(network::Protocol::tcp, nullptr);
    for (auto& [endpoint, listener] : listeners_) {
        listener->abandon();
        context_.scheduler.cancel(listener->syn_timer());
    }
}

// ------------------------------------------------------------------------------------------------ the user's side

// A pair at rest may be opened anew by us when timestamps tell the
// two connections apart (RFC 6191, RFC 7323 5.8 B).
Tcp::Use Tcp::use_of(const ConnectionId& id) {
    if (table_.contains(id)) return Use::taken;
    const TimeWait* record = time_wait_.find(id);
    if (record == nullptr) return Use::free;
    const TimestampClock clock{record->clock_offset};
    const auto ticks = static_cast<std::int32_t>(clock.value(context_.scheduler.now()) - record->clock_last);
    return record->timestamps && ticks > 1 ? Use::resting : Use::taken;
}

Result<Connection*> Tcp::connect(const Endpoint& remote, ConnectionUser* user, const ConnectionOptions& options,
                                 const Endpoint& local) {
    if (number_of(remote.port) == 0 || remote.address.is_any() || remote.address.is_multicast())
        return fail(Error::invalid_argument);
    if (connections() >= options_.connections_max) return fail(Error::limit_reached);
    auto path = network_.path_to(remote.address, local.address);
    if (!path) return std::unexpected(path.error());
    if (path->broadcast) return fail(Error::invalid_argument);
    ConnectionId id{{path->source, local.port}, remote};
    if (number_of(local.port) == 0) {
        auto port = choose_port(id);
        if (!port) return std::unexpected(port.error());
        id.local.port = *port;
    } else if (use_of(id) == Use::taken) {
        return fail(Error::address_in_use);
    }
    SequenceNumber iss = initial_sequence(id);
    if (const TimeWait* record = time_wait_.find(id); record != nullptr) {
        iss = initial_sequence_after(*record, iss);
        time_wait_.erase(id);
        ++counters_.timeWaitReused;
    }
    Connection& connection = add(id, std::make_shared<ConnectionOptions>(options)).connection;
    connection.set_user(user);
    connection.open_actively(*path, iss, clock_offset(id), context_.scheduler.now());
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
    auto listener = std::make_unique<Listener>(static_cast<ListenerOwner&>(*this), endpoint, table_key_, options);
    listeners_.emplace(endpoint, listener.get());
    return listener;
}

void Tcp::accepted(Connection& connection) { entry_of(connection).listener = nullptr; }

void Tcp::stopped_listening(Listener& listener, const std::deque<Connection*>& unaccepted) {
    listeners_.erase(listener.local());
    if (listener.waiting) waiting_listeners_.erase(*listener.waiting);
    // What was not accepted is reset: nobody will ever read it. Half-open ones are forgotten;
    // whoever answers learns that nobody is there.
    for (Connection* connection : unaccepted) {
        entry_of(*connection).listener = nullptr;
        connection->abort();
        release(connection);
    }
}

void Tcp::release(Connection* connection) {
    connection->release();
    touched(entry_of(*connection));
}

// A pair at rest is taken last.
Result<PortNumber> Tcp::choose_port(ConnectionId id) {
    const auto usable = [&](PortNumber port, bool last_resort) {
        id.local.port = port;
        if (listener_for(id.local) != nullptr) return false;
        const Use use = use_of(id);
        return use == Use::free || (last_resort && use == Use::resting);
    };
    const auto port = transport::choose_port(options_.ephemeral_ports, context_.entropy, usable);
    return port ? Result<PortNumber>{*port} : fail(Error::address_in_use);
}

// ------------------------------------------------------------------------------------------------ entries

Tcp::Entry& Tcp::entry_of(const Connection& connection) noexcept { return static_cast<Entry&>(connection.owner()); }

Instant Tcp::timer_deadline(const Connection& connection) noexcept { return entry_of(connection).timer_deadline(); }

bool Tcp::waits_for_port(const Connection& connection) noexcept { return entry_of(connection).waits_for_port(); }

Tcp::Entry& Tcp::add(const ConnectionId& id, std::shared_ptr<const ConnectionOptions> options) {
    return *(table_[id] = std::make_unique<Entry>(*this, id, std::move(options)));
}

void Tcp::for_each_connection(const std::function<void(const Connection&)>& visit) const {
    for (const auto& [id, entry] : table_) visit(entry->connection);
    for (const auto& entry : ended_) visit(entry->connection);
}

void Tcp::touched(Entry& entry) {
    if (std::exchange(entry.touched_already, true)) return;
    touched_.push_back(&entry);
    // Outside of a burst nobody comes by to settle: do it as soon as the caller is out of the way.
    if (!in_burst_ && !settling_ && !settle_timer_.armed())
        context_.scheduler.arm(settle_timer_, context_.scheduler.now());
}

void Tcp::port_full(Entry& entry) {
    if (entry.waits_for_port()) return;
    const std::uint32_t interface = entry.connection.status().path().interface;
    std::list<Entry*>& queue = port_queues_[interface];
    entry.wait_for_port({queue.insert(queue.end(), &entry), interface});
}

void Tcp::leave_port_queue(Entry& entry) {
    if (const auto waited = entry.stop_waiting()) port_queues_[waited->interface].erase(waited->place);
}

// While others wait for a port, nobody sends without having waited, and then one departure at a
// time: else the first would fill the port and be the first again.
bool Tcp::may_send(Entry& entry) {
    if (turn_ == &entry) {
        turn_ = nullptr;
        return true;
    }
    const auto queue = port_queues_.find(entry.connection.status().path().interface);
    return queue == port_queues_.end() || queue->second.empty();
}

void Tcp::opened(Entry& entry) {
    if (entry.listener != nullptr) entry.listener->established(entry.connection);
}

// One that waits to be accepted stays: its payload can still be read.
void Tcp::ended(Entry& entry, bool time_wait) {
    const ControlBlock& block = entry.connection.status();
    leave_port_queue(entry);
    drop_orphan(entry);
    if (std::holds_alternative<Entry::Ended>(entry.place)) return;
    auto node = table_.extract(block.id);
    entry.place = Entry::Ended{ended_.insert(ended_.end(), std::move(node.mapped()))};
    if (!time_wait) return;
    const Instant now = context_.scheduler.now();
    const TimeWait record{
        .snd_nxt = block.snd.nxt(),
        .rcv_nxt = block.rcv.nxt(),
        .window = static_cast<std::uint16_t>(std::min(0xffffu, block.rcv.wnd() >> block.negotiated().rcv_scale)),
        .timestamps = block.negotiated().timestamps,
        .clock_offset = block.clock.offset(),
        .clock_last = block.clock.value(now),
        .recent = block.clock.recent()};
    if (time_wait_.add(block.id, record, now)) ++counters_.timeWaitEvicted;
    if (!time_wait_timer_.armed()) context_.scheduler.arm(time_wait_timer_, time_wait_.next_expiry());
}

// Whose user has left lives on only to deliver what was written. There is a bound to how many do;
// and when memory is short, the oldest is reset first.
void Tcp::orphaned(Entry& entry) {
    if (!std::holds_alternative<std::monostate>(entry.place)) return;
    entry.place = Entry::Orphaned{orphans_.insert(orphans_.end(), &entry)};
    while (!orphans_.empty() && (orphans_.size() > options_.orphans_max || memory_.exhausted())) {
        ++counters_.orphansEvicted;
        orphans_.front()->connection.abort();  // which takes it off the list
    }
}

void Tcp::drop_orphan(Entry& entry) {
    const auto* orphan = std::get_if<Entry::Orphaned>(&entry.place);
    if (orphan == nullptr) return;
    orphans_.erase(*orphan);
    entry.place = std::monostate{};
}

// The end of a burst: every connection that was touched sends what it may and tells its user, once.
void Tcp::settle() {
    if (settling_) return;
    settling_ = true;
    for (std::size_t i = 0; i < touched_.size(); ++i) {  // grows while we are at it
        Entry& entry = *touched_[i];
        entry.touched_already = false;
        // The user first: what he reads is in the window that the
        // acknowledgment promises, and what he writes carries it.
        if (entry.listener != nullptr) entry.listener->notify();
        entry.connection.notify();
        entry.connection.transmit(context_.scheduler.now());  // which his calls may have moved on
        if (options_.check_invariants && !entry.timer_agrees())
            invariant_failed("the timer and the table of deadlines agree");
        if (!entry.connection.released() || !entry.connection.over()) continue;
        // It may be touched once more, by its user's last call.
        if (const auto* ended = std::get_if<Entry::Ended>(&entry.place)) {
            finished_.splice(finished_.end(), ended_, *ended);
            entry.place = std::monostate{};
        }
    }
    touched_.clear();
    settling_ = false;
    finished_.clear();
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
