// Gateway: ends conversations on one network and carries them on another: floors 1-4 of a classic
// gateway, with its code here because one side may be the kernel's sockets. The program's embedded
// network has one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "strata/5_session/network.hpp"

namespace strata::session {

struct GatewayOptions {
    std::size_t conversations_max = 4096;
    std::size_t buffer_size = 64 << 10;  // a direction, and only while bytes are carried
    std::size_t spare_buffers_max = 16;  // kept for reuse
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

    // Listens on `outside_address`; each conversation that begins there is carried to
    // `inside_address`. Returns where it listens. Errors: those of Network::listen.
    Address carry(const Address& outside_address, const Address& inside_address, error_code& error);
    // As carry(), for as long as the door is held; what has come in by it goes on. Null with an
    // error.
    [[nodiscard]] std::shared_ptr<void> open_door(const Address& outside_address, const Address& inside_address,
                                                  Address& listens_at, error_code& error);
    // Carries between two that have been connected. False if there are too many: both are reset.
    [[nodiscard]] bool join(Stream outside, Stream inside);
    // No new conversations; those that are under way continue.
    void stop_listening();
    // Resets those that are under way, on both sides, but for the side that has been told the end
    // of what the other said. The destructor does the same: a client must not take for the end what
    // is none.
    void abort();
    [[nodiscard]] std::size_t active() const noexcept;
    // Conversations whose inside may still have something to say.
    [[nodiscard]] std::size_t unanswered() const noexcept;
    // The outside peer of the conversation that the inside knows by this address; that address, if
    // none is under way.
    [[nodiscard]] Address outside_of(const Address& inside) const;
    // Where that peer has found us, outside; nothing, if none is under way.
    [[nodiscard]] std::optional<Address> found_at(const Address& inside) const;
    [[nodiscard]] const GatewayCounters& counters() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace strata::session
