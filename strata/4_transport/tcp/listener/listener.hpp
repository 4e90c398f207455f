// A listener (RFC 9293 3.10.1, passive OPEN): a SYN queue and an accept queue, both bounded (RFC 4987).
//
// When the accept queue is full an arriving SYN is dropped, never reset, and so is the acknowledgment that would fill a place: the peer
// tries again, and by then there may be room. When the SYN queue is full, its oldest goes.
#pragma once

#include <deque>
#include <memory>

#include "strata/4_transport/tcp/connection/connection.hpp"
#include "strata/4_transport/tcp/listener/syn_queue.hpp"

namespace strata::transport::tcp {

class ListenerUser {
public:
    virtual ~ListenerUser() = default;
    virtual void acceptable() = 0;  // accept() has a connection
};

// Owned by who listens; destroying it stops listening and resets what was not accepted.
class Listener {
public:
    Listener(class Tcp& tcp, const Endpoint& local, const SipKey& key, const ListenOptions& options);
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

private:
    friend class Tcp;
    class Tcp* tcp_;
    Endpoint local_;
    ListenOptions options_;
    std::shared_ptr<const ConnectionOptions> connection_options_;
    SynQueue syn_queue_;
    Timer syn_timer_;
    ListenerUser* user_ = nullptr;
    std::deque<Connection*> ready_;
    bool tell_ = false;
};

}  // namespace strata::transport::tcp
