#include "strata/7_application/http/server/deliveries.hpp"

#include <algorithm>
#include <utility>

namespace strata::application::http {

Deliveries::Deliveries(Watchdog& watchdog, const Server::Log& log, std::function<void()> all_arrived)
    : watchdog_(watchdog), log_(log), all_arrived_(std::move(all_arrived)) {
    watchdog_.on_arrival([this] { tell_arrived(); });
}

void Deliveries::add(RequestReport report, Instant began, bool whole) {
    waiting_.push_back({std::move(report), began, watchdog_.written(), whole});
    watchdog_.look_soon();
}

void Deliveries::tell_arrived() {
    const bool waited = !waiting_.empty();
    while (!waiting_.empty() && waiting_.front().whole && waiting_.front().end <= watchdog_.arrived()) {
        Delivery& delivery = waiting_.front();
        delivery.report.took = watchdog_.arrived_at() - delivery.began;
        if (log_) log_(delivery.report);
        waiting_.pop_front();
    }
    if (waited && waiting_.empty() && all_arrived_) all_arrived_();
}

void Deliveries::lost(Ending why, Instant now) {
    watchdog_.look();
    tell_arrived();
    for (Delivery& delivery : waiting_) {
        const std::uint64_t missing = delivery.end - std::min(delivery.end, watchdog_.arrived());
        delivery.report.body_bytes -= std::min(missing, delivery.report.body_bytes);
        delivery.report.took = now - delivery.began;
        delivery.report.ending = why;
        if (log_) log_(delivery.report);
    }
    waiting_.clear();
}

}  // namespace strata::application::http
