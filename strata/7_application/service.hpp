// Service: a protocol's server as a program sees it that runs several
// together, each on a port of its own.
//
// The servers of http, plain and tftp are services; cli/services composes them.
#pragma once

#include "strata/5_session/acceptor.hpp"

namespace strata::application {

class Service {
public:
    virtual ~Service() = default;
    // Opens what it needs at this address of its network, and serves from now on. Returns where: a
    // port 0 is chosen. Errors: those of listening there; then it is as before.
    [[nodiscard]] virtual session::Address start(const session::Address& at, session::error_code& error) = 0;
    // Takes no more clients; what is being sent is finished.
    virtual void stop() = 0;
    // Cuts off what is still there.
    virtual void abort() = 0;
    // How many clients there are.
    [[nodiscard]] virtual std::size_t active() const noexcept = 0;
};

}  // namespace strata::application
