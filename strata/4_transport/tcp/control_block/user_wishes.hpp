// What the user of a connection has said about what it will do, and how its payload shall be sent.
#pragma once

#include "strata/4_transport/tcp/send/nagle.hpp"

namespace strata::transport::tcp {

class UserWishes {
public:
    explicit UserWishes(bool no_delay) noexcept : no_delay_(no_delay) {}
    [[nodiscard]] bool no_delay() const noexcept { return no_delay_; }
    void set_no_delay(bool on) noexcept { no_delay_ = on; }
    // What it will write next.
    [[nodiscard]] More more() const noexcept { return more_; }
    void promise(More more) noexcept { more_ = more; }
    // It has let go: nobody will read or write any more.
    [[nodiscard]] bool left() const noexcept { return left_; }
    void leave() noexcept { left_ = true; }

private:
    More more_ = More::none;
    bool no_delay_;
    bool left_ = false;
};

}  // namespace strata::transport::tcp
