// Tcp: the transport floor's TCP as a whole. It owns the connections, finds the one a segment is
// for, and keeps their timers.
#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "strata/0_foundation/rate_limit.hpp"
#include "strata/4_transport/tcp/counters.hpp"
#include "strata/4_transport/tcp/demultiplexer/coalesce.hpp"
#include "strata/4_transport/tcp/demultiplexer/time_wait.hpp"
#include "strata/4_transport/tcp/listener/listener.hpp"
#include "strata/4_transport/tcp/options.hpp"

namespace strata::transport::tcp {

class Tcp final : public network::User, private ListenerOwner {
public:
    Tcp(const Context& context, network::Service& network, const TcpOptions& options = {});
    ~Tcp() override;

    // Active OPEN. `local`: any() and port 0 are chosen. The connection is
    // the caller's until it calls release(); `user` is told connected() or
    // closed(error). Errors: no_route, address_in_use (this pair of endpoints
    // is taken, or no port is free), address_not_available, limit_reached.
    [[nodiscard]] Result<Connection*> connect(const Endpoint& remote, ConnectionUser* user,
                                              const ConnectionOptions& options = {}, const Endpoint& local = {});
    // Passive OPEN. Address any() listens on all of ours; port 0 chooses one. Errors:
    // address_in_use, address_not_available.
    [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const Endpoint& local, const ListenOptions& options = {});
    // The caller is done with the connection: it is closed (or reset,
    // if payload waits unread), and is destroyed when it is over.
    void release(Connection* connection);

    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t connections() const noexcept { return table_.size() + ended_.size(); }
    [[nodiscard]] std::size_t resting() const noexcept { return time_wait_.size(); }
    // Bytes that the buffers of all connections hold; see TcpOptions::memory_max.
    [[nodiscard]] std::size_t memory_used() const noexcept { return memory_.used; }
    [[nodiscard]] std::size_t orphans() const noexcept { return orphans_.size(); }
    // Whether it has something to send and the port has no room.
    [[nodiscard]] static bool waits_for_port(const Connection& connection) noexcept;
    // When its timer fires; `never` if it is not armed.
    [[nodiscard]] static Instant timer_deadline(const Connection& connection) noexcept;
    // Visits every connection, those that have ended and wait for
    // their users to let go last; for those who look on.
    void for_each_connection(const std::function<void(const Connection&)>& visit) const;

    // --- network::User
    void deliver(Packet packet, const network::Arrival& arrival) override;
    void burst_ended() override;
    void error(const network::ErrorReport& report) override;
    void writable() override;
    void reachable_again(const IpAddress& next_hop) override;

private:
    class Entry;  // entry.hpp

    // --- ListenerOwner
    void accepted(Connection& connection) override;
    void syn_acks_due(Listener& listener) override;
    void stopped_listening(Listener& listener, const std::deque<Connection*>& unaccepted) override;

    // --- of an entry, called by it
    void touched(Entry& entry);
    void port_full(Entry& entry);
    void opened(Entry& entry);
    void ended(Entry& entry, bool time_wait);
    [[nodiscard]] bool may_send(Entry& entry);
    [[nodiscard]] bool may_challenge() { return challenges_.allow(context_.scheduler.now(), context_.entropy); }
    void orphaned(Entry& entry);

    // --- demultiplexer/deliver.cpp
    void dispatch(Arriving& arriving);
    void flush_merged();
    [[nodiscard]] bool in_time_wait(Arriving& arriving);
    [[nodiscard]] bool may_open(Listener* listener, const Arriving& arriving);
    [[nodiscard]] bool in_syn_queue(Listener& listener, Arriving& arriving);
    void open_half(Listener& listener, const Arriving& arriving, SequenceNumber iss);
    void open_wholly(Listener& listener, Arriving& arriving, const HalfOpen& half_open);
    void emit_syn_ack(Listener& listener, HalfOpen& half_open);
    bool send_waiting_syn_ack();
    void acknowledge_half_open(const Listener& listener, HalfOpen& half_open, const Arriving& arriving);
    void answer_closed(const Arriving& arriving);
    void reply(const ConnectionId& id, const HeaderFields& fields, const SegmentOptions& options);
    void drop(const Packet& packet, CounterOf<Counters> counter);

    // --- tcp.cpp
    [[nodiscard]] static Entry& entry_of(const Connection& connection) noexcept;
    Entry& add(const ConnectionId& id, std::shared_ptr<const ConnectionOptions> options);
    [[nodiscard]] Listener* listener_for(const Endpoint& local) const;
    [[nodiscard]] SequenceNumber initial_sequence(const ConnectionId& id) const;
    [[nodiscard]] std::uint32_t clock_offset(const ConnectionId& id) const;
    [[nodiscard]] Result<PortNumber> choose_port(ConnectionId id);
    enum class Use : std::uint8_t { free, resting, taken };
    [[nodiscard]] Use use_of(const ConnectionId& id);
    void leave_port_queue(Entry& entry);
    void serve_port_queue(std::list<Entry*>& queue);
    void drop_orphan(Entry& entry);
    void settle();

    Context context_;
    network::Service& network_;
    TcpOptions options_;
    Counters counters_;
    SipKey table_key_;
    SipKey sequence_key_;
    SipKey clock_key_;
    std::unordered_map<ConnectionId, std::unique_ptr<Entry>, ConnectionIdHash> table_;
    std::list<std::unique_ptr<Entry>> ended_;     // over, and their users have not let go
    std::list<std::unique_ptr<Entry>> finished_;  // destroyed when nobody is in the middle of them
    std::unordered_map<Endpoint, Listener*> listeners_;
    TimeWaitTable time_wait_;
    Timer time_wait_timer_;
    Coalescer merging_;
    std::vector<Entry*> touched_;
    std::map<std::uint32_t, std::list<Entry*>> port_queues_;  // by interface: who has a turn when it has room
    Entry* turn_ = nullptr;                                   // whose turn it is, while departures are left in it
    std::list<Listener*> waiting_listeners_;                  // whose SYN-ACKs wait for a port, by turns
    std::list<Entry*> orphans_;                               // whose users have left, as they left
    Timer settle_timer_;
    MemoryBudget memory_;
    RandomizedLimit challenges_;
    RandomizedLimit resets_;
    PacedPeers resets_a_peer_;
    bool in_burst_ = false;
    bool settling_ = false;
};

}  // namespace strata::transport::tcp
