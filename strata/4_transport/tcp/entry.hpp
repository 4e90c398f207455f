// Tcp::Entry: what Tcp keeps of a connection: the connection itself,
// its timer, and where it waits for what.
//
// An entry is in Tcp's table as long as segments can reach its connection; then among those that
// have ended, until the user lets go.
#pragma once

#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

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
    // Its place beside the table: none, among the orphans, or, when the table has it no more, among
    // those that have ended.
    using Orphaned = Queue::iterator;
    using Ended = std::list<std::unique_ptr<Entry>>::iterator;
    std::variant<std::monostate, Orphaned, Ended> place;
    bool touched_already = false;  // it is among those that settle() visits

    // Its place in the queue for an interface's port, while it waits there.
    struct PortPlace {
        Queue::iterator place{};
        std::uint32_t interface = 0;
    };
    [[nodiscard]] bool waits_for_port() const noexcept { return waits_for_port_; }
    void wait_for_port(const PortPlace& at) noexcept {
        waits_for_port_ = true;
        port_interface_ = at.interface;
        port_place_ = at.place;
    }
    [[nodiscard]] std::optional<PortPlace> stop_waiting() noexcept {
        if (!std::exchange(waits_for_port_, false)) return std::nullopt;
        return PortPlace{port_place_, port_interface_};
    }

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

    // Apart, for there are as many as connections: in an optional they would take twice as much.
    bool waits_for_port_ = false;
    std::uint32_t port_interface_ = 0;
    Queue::iterator port_place_{};
    Tcp& tcp_;
    Timer timer_;
};

}  // namespace strata::transport::tcp
