// A listener (RFC 9293 3.10.1, passive OPEN): a SYN queue and an
// accept queue, both bounded (RFC 4987).
//
// When the accept queue is full an arriving SYN is dropped, never reset, and so is the
// acknowledgment that would fill a place: the peer tries again, and by then there may be room. When
// the SYN queue is full, its oldest entry is evicted.
#pragma once

#include <deque>
#include <memory>

#include "strata/4_transport/tcp/connection/connection.hpp"
#include "strata/4_transport/tcp/half_open/syn_queue.hpp"

namespace strata::transport::tcp {

class ListenerUser {
public:
    virtual ~ListenerUser() = default;
    virtual void acceptable() = 0;  // accept() has a connection
};

class Listener;

// What a listener needs from Tcp.
class ListenerOwner {
public:
    virtual ~ListenerOwner() = default;
    // The user took this connection.
    virtual void accepted(Connection& connection) = 0;
    // Some SYN-ACKs are due again.
    virtual void syn_acks_due(Listener& listener) = 0;
    // It is being destroyed; these connections nobody took.
    virtual void stopped_listening(Listener& listener, const std::deque<Connection*>& unaccepted) = 0;
};

// Owned by the user; destroying it stops listening and resets what was not accepted.
class Listener {
public:
    Listener(ListenerOwner& owner, const Endpoint& local, const SipKey& key, const ListenOptions& options);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    [[nodiscard]] Endpoint local() const noexcept { return local_; }
    void set_user(ListenerUser* user) noexcept { user_ = user; }
    // The next established connection, or null. The caller must release() it when done with it.
    [[nodiscard]] Connection* accept();
    [[nodiscard]] bool acceptable() const noexcept { return !ready_.empty(); }
    [[nodiscard]] std::size_t half_open() const noexcept { return syn_queue_.size(); }

    // --- for Tcp
    [[nodiscard]] bool has_room() const noexcept { return ready_.size() < options_.backlog; }
    [[nodiscard]] const std::shared_ptr<const ConnectionOptions>& connection_options() const noexcept {
        return connection_options_;
    }
    [[nodiscard]] SynQueue& syn_queue() noexcept { return syn_queue_; }
    [[nodiscard]] Timer& syn_timer() noexcept { return syn_timer_; }
    // Its place among those with SYN-ACKs that wait for a port.
    std::optional<std::list<Listener*>::iterator> waiting;
    // The handshake is over: it waits to be accepted, in order.
    void established(Connection& connection);
    void notify();
    // Tcp ends before the listener.
    void abandon() noexcept { owner_ = nullptr; }

private:
    ListenerOwner* owner_;
    Endpoint local_;
    ListenOptions options_;
    std::shared_ptr<const ConnectionOptions> connection_options_;
    SynQueue syn_queue_;
    Timer syn_timer_;
    ListenerUser* user_ = nullptr;
    std::deque<Connection*> ready_;
    bool tell_ = false;  // the user has not heard of the latest
};

}  // namespace strata::transport::tcp
