#include "strata/cli/services.hpp"

#include <algorithm>

namespace strata::cli {

Services::Services(session::Network& network, const ServicePlans& plans) {
    for (const ServicePlan& plan : plans) services_.push_back(plan.make(network));
}

session::Address Services::start(std::size_t index, const session::Address& at, session::error_code& error) {
    return services_[index]->start(at, error);
}

void Services::stop() {
    for (const auto& service : services_) service->stop();
}

void Services::abort() {
    for (const auto& service : services_) service->abort();
}

bool Services::idle() const noexcept {
    return std::ranges::all_of(services_, [](const auto& service) { return service->active() == 0; });
}

}  // namespace strata::cli
