// WayBack: how the reply to one call reaches its client. A stream and a socket have one each; what
// answers knows neither.
#pragma once

#include <memory>

#include "strata/5_session/rpc/message/outgoing.hpp"

namespace strata::session::rpc {

class WayBack {
public:
    WayBack() = default;
    WayBack(const WayBack&) = delete;
    WayBack& operator=(const WayBack&) = delete;
    virtual ~WayBack() = default;
    // At most once. Without it the client hears nothing.
    virtual void send(std::shared_ptr<const Outgoing> reply) = 0;
};

}  // namespace strata::session::rpc
