// A listener (RFC 9293 3.10.1, passive OPEN): a SYN queue and an accept queue, both bounded (RFC 4987).
//
// When either is full an arriving SYN is dropped, never reset: the peer tries again, and by then there may be room.
#pragma once

#include <deque>
#include <memory>

#include "strata/4_transport/tcp/connection/connection.hpp"

namespace strata::transport::tcp {

class ListenerUser {
public:
    virtual ~ListenerUser() = default;
    virtual void acceptable() = 0;  // accept() has a connection
};

// Owned by who listens; destroying it stops listening and resets what was not accepted.
class Listener {
public:
    Listener(class Tcp& tcp, const Endpoint& local, const ListenOptions& options);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();

    [[nodiscard]] Endpoint local() const noexcept { return local_; }
    void set_user(ListenerUser* user) noexcept { user_ = user; }
    // The next established connection, or null. The caller must release() it when done with it.
    [[nodiscard]] Connection* accept();
    [[nodiscard]] bool acceptable() const noexcept { return !ready_.empty(); }

    // --- for Tcp
    // True if a SYN may be answered now.
    [[nodiscard]] bool has_room() const noexcept {
        return half_open_ < options_.syn_queue_max && ready_.size() < options_.backlog;
    }
    [[nodiscard]] const std::shared_ptr<const ConnectionOptions>& connection_options() const noexcept {
        return connection_options_;
    }
    void half_open_began(Connection& connection) noexcept;
    // The handshake is over, well or not.
    void half_open_ended(Connection& connection);
    // A connection in the accept queue died before it was accepted.
    void forget(Connection& connection) noexcept;
    void notify();

private:
    friend class Tcp;
    class Tcp* tcp_;
    Endpoint local_;
    ListenOptions options_;
    std::shared_ptr<const ConnectionOptions> connection_options_;
    ListenerUser* user_ = nullptr;
    std::deque<Connection*> ready_;
    std::size_t half_open_ = 0;
    bool tell_ = false;
};

}  // namespace strata::transport::tcp
