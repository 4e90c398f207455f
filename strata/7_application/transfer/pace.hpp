// Pace: reads no more than so many bytes a second, over the time since it began.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "strata/5_session/network.hpp"

namespace strata::application {

class Pace {
public:
    // The network outlives it. 0 bytes a second: no limit.
    Pace(session::Network& network, std::uint64_t bytes_per_second);
    // How many bytes may be read at once: those of an eighth of a
    // second, so that the peer sees an even reader.
    [[nodiscard]] std::size_t at_once(std::size_t wanted) const;
    // After so many were read: waits until it was time for them.
    [[nodiscard]] session::asio::awaitable<void> after(std::size_t count);

private:
    session::Network& network_;
    std::uint64_t rate_;
    session::Timer timer_;
    Instant began_;
    std::uint64_t total_ = 0;
};

}  // namespace strata::application
