// Service: rpcbind at a port of its own, 111, for who serves RPC programs and has a machine without
// one.
#pragma once

#include <memory>

#include "strata/5_session/rpc/server/server.hpp"
#include "strata/7_application/rpcbind/registry.hpp"
#include "strata/7_application/service.hpp"

namespace strata::application::rpcbind {

class Service final : public application::Service {
public:
    // The network outlives it. What is in the registry is up to who serves it: where clients find a
    // port is not always where it was opened. rpcbind itself is offered_versions of program_number.
    Service(session::Network& network, std::shared_ptr<Registry> registry);

    // TCP and UDP.
    [[nodiscard]] session::Address start(const session::Address& at, session::error_code& error) override;
    void stop() override { rpc_.stop(); }
    void abort() override { rpc_.abort(); }
    [[nodiscard]] std::size_t active() const noexcept override { return rpc_.active(); }

private:
    session::rpc::Server rpc_;
};

}  // namespace strata::application::rpcbind
