#include "strata/cli/services.hpp"

namespace strata::cli {

namespace http = application::http;
namespace plain = application::plain;

Services::Services(session::Network& network, const application::FileRoot& root, const ServicePlan& plan) {
    if (plan.http_port) http_ = std::make_unique<http::Server>(network, root, plan.http_log, plan.http);
    if (plan.fetch_port) fetch_ = std::make_unique<plain::Server>(network, root, plan.fetch_log, plan.fetch);
}

session::Address Services::serve_http(session::Acceptor acceptor) {
    const session::Address at = acceptor.local();
    http_->start(std::move(acceptor));
    return at;
}

session::Address Services::serve_fetch(session::Acceptor acceptor) {
    const session::Address at = acceptor.local();
    fetch_->start(std::move(acceptor));
    return at;
}

void Services::stop() {
    if (http_) http_->stop();
    if (fetch_) fetch_->stop();
}

void Services::abort() {
    if (http_) http_->abort();
    if (fetch_) fetch_->abort();
}

bool Services::idle() const noexcept { return (!http_ || http_->active() == 0) && (!fetch_ || fetch_->active() == 0); }

}  // namespace strata::cli
