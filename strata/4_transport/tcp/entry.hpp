// Tcp::Entry: what Tcp keeps of a connection: the connection itself,
// its timer, and where it waits for what.
//
// An entry is in Tcp's table as long as segments can reach its connection; then among those that
// have ended, until the user lets go.
#pragma once

#include <list>
#include <memory>
#include <optional>

#include "strata/4_transport/tcp/tcp.hpp"

namespace strata::transport::tcp {

class Tcp::Entry final : public ConnectionOwner {
public:
    using Queue = std::list<Entry*>;

    Entry(Tcp& tcp, const ConnectionId& id, std::shared_ptr<const ConnectionOptions> options)
        : connection(tcp.context_, tcp.network_, *this, tcp.counters_, id, std::move(options)),
          tcp_(tcp),
          timer_([this] { timer_fired(); }) {}

    Connection connection;
    Listener* listener = nullptr;  // in whose accept queue it waits, or that is opening it
    bool touched_already = false;  // it is among those that settle() visits
    struct WaitingForPort {
        std::uint32_t interface;
        Queue::iterator place;
    };
    std::optional<WaitingForPort> waiting;
    std::optional<Queue::iterator> orphan;
    std::optional<std::list<std::unique_ptr<Entry>>::iterator> ended_place;  // once it is out of the table

    // ConnectionOwner
    void touched() override { tcp_.touched(*this); }
    void port_full() override { tcp_.port_full(*this); }
    void opened() override { tcp_.opened(*this); }
    void ended(bool time_wait) override { tcp_.ended(*this, time_wait); }
    [[nodiscard]] bool may_send() override { return tcp_.may_send(*this); }
    [[nodiscard]] bool may_challenge() override { return tcp_.may_challenge(); }
    [[nodiscard]] MemoryBudget& memory() noexcept override { return tcp_.memory_; }
    [[nodiscard]] bool checks() const noexcept override { return tcp_.options_.check_invariants; }
    void orphaned() override { tcp_.orphaned(*this); }
    void arm(Instant deadline) override { tcp_.context_.scheduler.arm(timer_, deadline); }

    [[nodiscard]] Instant timer_deadline() const noexcept { return timer_.deadline(); }
    // The timer fires no later than the connection's next deadline; after settle().
    [[nodiscard]] bool timer_agrees() const noexcept {
        return connection.over() || timer_.deadline() <= connection.next_deadline();
    }

private:
    // It may have been armed for a deadline that has moved on since.
    void timer_fired() {
        const Instant now = tcp_.context_.scheduler.now();
        if (connection.next_deadline() > now) return arm(connection.next_deadline());
        connection.deadline_reached(now);
        touched();
    }

    Tcp& tcp_;
    Timer timer_;
};

}  // namespace strata::transport::tcp
