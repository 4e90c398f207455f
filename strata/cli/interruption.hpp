// Interruption: Ctrl-C, and the wish of whoever stops programs, end a command's event loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

namespace strata::cli {

class Interruption {
public:
    // From now on, for as long as this is there: io.stop(). The loop outlives it.
    explicit Interruption(boost::asio::io_context& io) : signals_(io, SIGINT, SIGTERM) {
        signals_.async_wait([this, &io](const boost::system::error_code& error, int) {
            if (error) return;
            came_ = true;
            io.stop();
        });
    }
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
    ~Interruption() = default;

    [[nodiscard]] bool came() const noexcept { return came_; }

private:
    boost::asio::signal_set signals_;
    bool came_ = false;
};

}  // namespace strata::cli
