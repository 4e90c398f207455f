// Service: a protocol's server as a program sees it that runs several
// together, each on a port of its own.
//
// The servers of http and plain are services; cli/services composes them.
#pragma once

#include "strata/5_session/acceptor.hpp"

namespace strata::application {

class Service {
public:
    virtual ~Service() = default;
    // Serves from now on.
    virtual void start(session::Acceptor acceptor) = 0;
    // Takes no more clients; what is being sent is finished.
    virtual void stop() = 0;
    // Cuts off what is still there.
    virtual void abort() = 0;
    // How many clients there are.
    [[nodiscard]] virtual std::size_t active() const noexcept = 0;
};

}  // namespace strata::application
