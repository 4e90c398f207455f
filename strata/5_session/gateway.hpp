// Gateway: ends conversations on one network and carries them on another: floors 1-4 of a classic gateway, with its code here
// because one side may be the kernel's sockets.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "strata/5_session/network.hpp"

namespace strata::session {

struct GatewayOptions {
    std::size_t conversations_max = 4096;
    std::size_t buffer_size = 128 << 10;  // a direction
};

struct GatewayCounters {
    std::uint64_t conversations = 0;
    std::uint64_t refused = 0;   // the other side could not be reached, or too many
    std::uint64_t bytes_in = 0;  // from outside to inside
    std::uint64_t bytes_out = 0;
};

// Both networks must run on the same event loop, and outlive the gateway.
class Gateway {
public:
    using Options = GatewayOptions;
    Gateway(Network& outside, Network& inside, Options options = {});
    ~Gateway();

    // Listens on `outside_address`; each conversation that begins there is carried to `inside_address`. Returns where it listens.
    // Errors: those of Network::listen.
    Address carry(const Address& outside_address, const Address& inside_address, error_code& error);
    // No new conversations; those that are under way go on.
    void stop_listening();
    [[nodiscard]] std::size_t active() const noexcept;
    [[nodiscard]] const GatewayCounters& counters() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace strata::session
