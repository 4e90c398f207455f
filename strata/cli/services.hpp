// Services: the servers of one event loop, started and ended together.
#pragma once

#include <memory>
#include <optional>

#include "strata/7_application/http/server/server.hpp"
#include "strata/7_application/plain/server.hpp"

namespace strata::cli {

// What is served, and whom it is told of. The logs are called from every loop that serves by it.
struct ServicePlan {
    std::optional<std::uint16_t> http_port;
    std::optional<std::uint16_t> fetch_port;
    application::http::ServerOptions http;
    application::plain::ServerOptions fetch;
    application::http::Server::Log http_log;
    application::plain::Server::Log fetch_log;
};

class Services {
public:
    // Network and root outlive it.
    Services(session::Network& network, const application::FileRoot& root, const ServicePlan& plan);

    // Each returns where.
    session::Address serve_http(session::Acceptor acceptor);
    session::Address serve_fetch(session::Acceptor acceptor);
    // Takes no more; what is being sent is finished.
    void stop();
    void abort();
    [[nodiscard]] bool idle() const noexcept;

private:
    std::unique_ptr<application::http::Server> http_;  // each if the plan has a port for it
    std::unique_ptr<application::plain::Server> fetch_;
};

}  // namespace strata::cli
