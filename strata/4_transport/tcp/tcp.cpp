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

// ------------------------------------------------------------------------------------------------ a segment's way up

void Tcp::drop(const Packet& packet, std::uint64_t& counter, std::string_view reason) {
    ++counter;
    context_.traced(Floor::transport, Direction::up, Verdict::dropped, reason, packet);
}

void Tcp::deliver(Packet packet, const network::Arrival& arrival) {
    in_burst_ = true;
    ++counters_.tcpInSegs;
    if (!packet.pull(std::min(packet.size(), HeaderView::size_max)))
        return drop(packet, counters_.tcpInErrs, "tcpInErrs");
    const auto header = HeaderView::of(packet.front());
    // RFC 9293 3.10.7, RFC 1122 4.2.3.10: a segment to many is for nobody.
    if (!header || arrival.broadcast || arrival.multicast) return drop(packet, counters_.tcpInErrs, "tcpInErrs");
    if (packet.checksum_state() == ChecksumState::unknown) {
        ChecksumSum sum{network::Service::pseudo_header_sum(arrival.source, arrival.destination, network::Protocol::tcp,
                                                            packet.size())};
        packet.for_each_piece([&](Bytes piece) { sum.add(piece); });
        if (!sum.verified()) return drop(packet, counters_.tcpInErrs, "tcpChecksum");
    }
    context_.traced(Floor::transport, Direction::up, Verdict::passed, "tcpInSegs", packet);
    const Bytes bytes = packet.front().first(header->size());
    if (merging_.merge(packet, bytes, arrival)) {
        ++counters_.inMerged;
        return;
    }
    flush_merged();
    Arriving arriving{{{arrival.destination, header->destination_port()}, {arrival.source, header->source_port()}},
                      {header->sequence(),
                       header->acknowledgment(),
                       header->control_bits(),
                       header->window(),
                       header->urgent_pointer(),
                       1,
                       SegmentOptions::parse(header->options()),
                       {}},
                      arrival};
    const std::size_t header_size = header->size();
    const bool hold = options_.merge_segments && Coalescer::may_merge(bytes, packet.size() - header_size);
    std::array<std::byte, HeaderView::size_max> kept;
    if (hold) std::ranges::copy(bytes, kept.begin());
    packet.trim(header_size);
    arriving.segment.text = std::move(packet);
    if (hold) {
        merging_.hold(std::move(arriving), Bytes{kept}.first(header_size));
    } else {
        dispatch(arriving);
    }
}

void Tcp::flush_merged() {
    if (!merging_.holds()) return;
    Arriving arriving = merging_.take();
    dispatch(arriving);
}

void Tcp::burst_ended() {
    flush_merged();
    in_burst_ = false;
    settle();
}

void Tcp::dispatch(Arriving& arriving) {
    const Instant now = context_.scheduler.now();
    if (const auto found = table_.find(arriving.id); found != table_.end()) {
        found->second->segment_arrives(arriving.segment, now);
        return;
    }
    if (in_time_wait(arriving.id, arriving.segment)) return;
    Listener* listener = listener_for(arriving.id.local);
    if (listener == nullptr) return answer_closed(arriving);
    switch (segment_arrives::listen(arriving.segment)) {
        case segment_arrives::ListenVerdict::ignore: return;
        case segment_arrives::ListenVerdict::reset: return answer_closed(arriving);
        case segment_arrives::ListenVerdict::open:
            return open_passively(*listener, arriving, initial_sequence(arriving.id));
    }
}

// True if the segment was for a pair of endpoints at rest and has been dealt with.
bool Tcp::in_time_wait(const ConnectionId& id, Segment& segment) {
    TimeWait* record = time_wait_.find(id);
    if (record == nullptr) return false;
    const Instant now = context_.scheduler.now();
    const TimeWaitVerdict verdict = segment_arrives_in_time_wait(*record, segment);
    switch (verdict) {
        case TimeWaitVerdict::ignore: return true;
        case TimeWaitVerdict::reuse:
            if (listener_for(id.local) == nullptr) return true;
            ++counters_.timeWaitReused;
            time_wait_.erase(id);
            return false;
        case TimeWaitVerdict::restart:
            time_wait_.restart(id, now + 2 * options_.maximum_segment_lifetime);
            [[fallthrough]];
        case TimeWaitVerdict::acknowledge: {
            if (!may_challenge()) return true;
            HeaderFields fields{
                id.local.port, id.remote.port, record->snd_nxt, record->rcv_nxt, ControlBits::ack, record->window, 0};
            SegmentOptions options;
            if (record->timestamps) {
                TimestampClock clock;
                clock.offset = record->clock_offset;
                options.timestamps = Timestamps{clock.value(now), record->recent};
            }
            reply(id, fields, options);
            return true;
        }
    }
    return false;
}

void Tcp::open_passively(Listener& listener, Arriving& arriving, SequenceNumber iss) {
    if (!listener.has_room() || connections_.size() >= options_.connections_max) {
        return drop(arriving.segment.text,
                    listener.has_room() ? counters_.tooManyConnections : counters_.listenOverflows, "listenOverflows");
    }
    auto path = network_.path_to(arriving.id.remote.address, arriving.id.local.address);
    if (!path) return;
    Connection& connection = add(arriving.id, listener.connection_options());
    listener.half_open_began(connection);
    connection.open_passively(*path, iss, clock_offset(arriving.id), arriving.segment, context_.scheduler.now());
}

void Tcp::answer_closed(const Arriving& arriving) {
    const Instant now = context_.scheduler.now();
    drop(arriving.segment.text, counters_.noConnection, "noConnection");
    const auto fields = segment_arrives::closed(arriving.segment, arriving.id);
    if (!fields || !resets_.allow(now)) return;
    ++counters_.tcpOutRsts;
    reply(arriving.id, *fields, {});
}

// A segment without a connection: a reset, or TIME-WAIT's acknowledgment.
void Tcp::reply(const ConnectionId& id, const HeaderFields& fields, const SegmentOptions& options) {
    const auto path = network_.path_to(id.remote.address, id.local.address);
    if (!path || !network_.ready(*path)) return;
    Packet packet = Packet::make(context_.pool, path->headroom + HeaderView::size_max);
    const std::size_t size = HeaderView::size_min + options.size();
    std::byte* header = packet.push(size);
    fields.write(header, size);
    options.write(header + HeaderView::size_min);
    packet.mark_transport_header(HeaderView::checksum_field);
    const std::uint16_t pseudo =
        network::Service::pseudo_header_sum(path->source, path->destination, network::Protocol::tcp, size);
    std::memcpy(header + HeaderView::checksum_field, &pseudo, sizeof pseudo);
    packet.set_checksum_state(ChecksumState::partial);
    packet.complete_checksum();
    network_.send(std::move(packet), *path, {.protocol = network::Protocol::tcp});
}

void Tcp::error(const network::ErrorReport& report) {
    if (report.transport_header.size() < 8) return;
    const std::byte* header = report.transport_header.data();
    const ConnectionId id{{report.source, PortNumber{load_be16(header)}},
                          {report.destination, PortNumber{load_be16(header + 2)}}};
    const auto found = table_.find(id);
    if (found == table_.end()) return;
    found->second->network_error(report, SequenceNumber{load_be32(header + 4)}, context_.scheduler.now());
}

void Tcp::writable() {
    std::vector<Connection*> waiting;
    waiting.swap(waiting_for_port_);
    for (Connection* connection : waiting) {
        connection->books.waits_for_port = false;
        connection->transmit(context_.scheduler.now());
    }
    if (!in_burst_) settle();
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
