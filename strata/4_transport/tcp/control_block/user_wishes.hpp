// What the user of a connection has said about what it will do, and how its payload shall be sent.
#pragma once

#include "strata/4_transport/tcp/send/nagle.hpp"

namespace strata::transport::tcp {

class UserWishes {
public:
    UserWishes(bool no_delay, std::uint8_t ttl) noexcept : ttl_(ttl), no_delay_(no_delay) {}
    [[nodiscard]] bool no_delay() const noexcept { return no_delay_; }
    void set_no_delay(bool on) noexcept { no_delay_ = on; }
    // What its packets carry beside payload: TTL or hop limit, DSCP (RFC 2474).
    [[nodiscard]] std::uint8_t ttl() const noexcept { return ttl_; }
    [[nodiscard]] std::uint8_t traffic_class() const noexcept { return traffic_class_; }
    void set_ttl(std::uint8_t ttl) noexcept { ttl_ = ttl; }
    // The two bits of ECN are TCP's own, and stay clear (RFC 3168 6.1).
    void set_traffic_class(std::uint8_t traffic_class) noexcept { traffic_class_ = traffic_class & 0xfc; }
    // What it will write next.
    [[nodiscard]] More more() const noexcept { return more_; }
    void promise(More more) noexcept { more_ = more; }
    // It has let go: nobody will read or write any more.
    [[nodiscard]] bool left() const noexcept { return left_; }
    void leave() noexcept { left_ = true; }

private:
    More more_ = More::none;
    std::uint8_t ttl_;
    std::uint8_t traffic_class_ = 0;
    bool no_delay_;
    bool left_ = false;
};

}  // namespace strata::transport::tcp
