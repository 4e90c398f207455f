// Tcp: the transport floor's TCP as a whole. It owns the connections, finds the one a segment is for, and keeps their timers.
#pragma once

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

class Tcp final : public network::User, private ConnectionOwner {
public:
    Tcp(const Context& context, network::Service& network, const TcpOptions& options = {});
    ~Tcp() override;

    // Active OPEN. `local`: any() and port 0 are chosen. The connection is the caller's until it calls release(); `user` is
    // told connected() or closed(error). Errors: no_route, address_in_use (this pair of endpoints is taken, or no port is free),
    // address_not_available, limit_reached.
    [[nodiscard]] Result<Connection*> connect(const Endpoint& remote, ConnectionUser* user,
                                              const ConnectionOptions& options = {}, const Endpoint& local = {});
    // Passive OPEN. Address any() listens on all of ours; port 0 chooses one. Errors: address_in_use, address_not_available.
    [[nodiscard]] Result<std::unique_ptr<Listener>> listen(const Endpoint& local, const ListenOptions& options = {});
    // The caller is done with the connection: it is closed (or reset, if text waits unread), and goes when it is over.
    void release(Connection* connection);

    [[nodiscard]] const Counters& counters() const noexcept { return counters_; }
    [[nodiscard]] std::size_t connections() const noexcept { return connections_.size(); }
    [[nodiscard]] std::size_t resting() const noexcept { return time_wait_.size(); }
    // Bytes that the buffers of all connections hold; see TcpOptions::memory_max.
    [[nodiscard]] std::size_t memory_used() const noexcept { return memory_.used; }
    [[nodiscard]] std::size_t orphans() const noexcept { return orphans_.size(); }
    // Visits every live connection, for those who look on.
    template <typename Visitor>
    void for_each_connection(Visitor&& visit) const {
        for (const auto& connection : connections_) visit(*connection);
    }

    // --- network::User
    void deliver(Packet packet, const network::Arrival& arrival) override;
    void burst_ended() override;
    void error(const network::ErrorReport& report) override;
    void writable() override;
    void reachable_again(const IpAddress& next_hop) override;

private:
    friend class Listener;

    // --- ConnectionOwner
    void touched(Connection& connection) override;
    void port_full(Connection& connection) override;
    void opened(Connection& connection) override;
    void ended(Connection& connection, bool time_wait) override;
    [[nodiscard]] bool may_send(Connection& connection) override;
    [[nodiscard]] bool may_challenge() override {
        return challenges_.allow(context_.scheduler.now(), context_.entropy);
    }
    [[nodiscard]] MemoryBudget& memory() noexcept override { return memory_; }
    void orphaned(Connection& connection) override;
    void arm(Connection& connection, Instant deadline) override {
        context_.scheduler.arm(connection.books.timer, deadline);
    }

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
    void repeat_syn_acks(Listener& listener);
    void answer_closed(const Arriving& arriving);
    void reply(const ConnectionId& id, const HeaderFields& fields, const SegmentOptions& options);
    void drop(const Packet& packet, CounterOf<Counters> counter);

    Connection& add(const ConnectionId& id, std::shared_ptr<const ConnectionOptions> options);
    void stopped_listening(Listener& listener);
    [[nodiscard]] Listener* listener_for(const Endpoint& local) const;
    [[nodiscard]] SequenceNumber initial_sequence(const ConnectionId& id) const;
    [[nodiscard]] std::uint32_t clock_offset(const ConnectionId& id) const;
    [[nodiscard]] Result<PortNumber> choose_port(ConnectionId id);
    enum class Use : std::uint8_t { free, resting, taken };
    [[nodiscard]] Use use_of(const ConnectionId& id);
    void leave_port_queue(Connection& connection);
    void serve_port_queue(std::list<Connection*>& queue);
    void drop_orphan(Connection& connection);
    void settle();
    void bury(Connection& connection);

    Context context_;
    network::Service& network_;
    TcpOptions options_;
    Counters counters_;
    SipKey table_key_;
    SipKey sequence_key_;
    SipKey clock_key_;
    std::unordered_map<ConnectionId, Connection*, ConnectionIdHash> table_;
    std::list<std::unique_ptr<Connection>> connections_;  // as they were opened
    std::unordered_map<Endpoint, Listener*> listeners_;
    TimeWaitTable time_wait_;
    Timer time_wait_timer_;
    Coalescer merging_;
    std::vector<Connection*> touched_;
    std::map<std::uint32_t, std::list<Connection*>> port_queues_;  // by interface: who has a turn when it has room
    Connection* turn_ = nullptr;                                   // whose turn it is, while departures are left in it
    std::list<Listener*> waiting_listeners_;                       // whose SYN-ACKs wait for a port, by turns
    std::list<Connection*> orphans_;                               // whose users have left, as they left
    std::list<std::unique_ptr<Connection>> graveyard_;             // destroyed when nobody is in the middle of them
    Timer settle_timer_;
    MemoryBudget memory_;
    RandomizedLimit challenges_;
    RandomizedLimit resets_;
    PacedPeers resets_a_peer_;
    bool in_burst_ = false;
    bool settling_ = false;
};

}  // namespace strata::transport::tcp
