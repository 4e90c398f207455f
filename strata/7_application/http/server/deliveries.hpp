// Deliveries: one connection's answers that are on their way. Each is told of when its last byte
// has arrived, or when it never will.
#pragma once

#include <deque>
#include <functional>

#include "strata/7_application/http/server/server.hpp"
#include "strata/7_application/serving/watchdog.hpp"

namespace strata::application::http {

class Deliveries {
public:
    // The watchdog knows what has arrived. Both outlive this, and the watchdog is stopped before it
    // goes. `all_arrived` is called when nothing is on its way any more.
    Deliveries(Watchdog& watchdog, const Server::Log& log, std::function<void()> all_arrived = {});

    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
    // An answer was written, or so much of it as could be; `report`
    // has the bytes of its body that were.
    void add(RequestReport report, Instant began, bool whole);
    // The conversation is over: what has not arrived will not.
    void lost(Ending why, Instant now);

private:
    struct Delivery {
        RequestReport report;
        Instant began;
        std::uint64_t end = 0;  // of the answer, among all bytes that were written
        bool whole = true;
    };
    void tell_arrived();

    Watchdog& watchdog_;
    const Server::Log& log_;
    std::function<void()> all_arrived_;
    std::deque<Delivery> waiting_;
};

}  // namespace strata::application::http
