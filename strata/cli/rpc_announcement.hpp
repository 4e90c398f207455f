// RpcAnnouncement: tells this machine's rpcbind where our RPC programs are, for as long as we run.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/rpcbind/registry.hpp"

namespace strata::cli {

class RpcAnnouncement {
public:
    // The network outlives it.
    RpcAnnouncement(session::Network& network, std::shared_ptr<const application::rpcbind::Registry> registry);
    RpcAnnouncement(const RpcAnnouncement&) = delete;
    RpcAnnouncement& operator=(const RpcAnnouncement&) = delete;
    ~RpcAnnouncement();

    // Tells it what is in the registry; `told` hears how many of them it took: none, where there is
    // no rpcbind, or it lets us not.
    void begin(std::function<void(std::size_t taken)> told);
    // Takes back what it took.
    void end();
    // Whether nothing is being told.
    [[nodiscard]] bool idle() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace strata::cli
