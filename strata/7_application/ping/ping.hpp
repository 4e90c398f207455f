// ping: asks a host for answers and says how they came back, as ping(8) does.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <string>

#include "strata/5_session/network.hpp"

namespace strata::application::ping {

struct Options {
    std::size_t count = 0;          // 0: until it is stopped
    std::size_t payload_size = 56;  // bytes behind the ICMP header
    Duration interval = 1s;
    Duration timeout = 1s;  // of one request
    std::uint8_t ttl = 64;
};

class Statistics {
public:
    void sent() noexcept { ++transmitted_; }
    void received(Duration round_trip) noexcept;
    void duplicate() noexcept { ++duplicates_; }
    [[nodiscard]] std::size_t transmitted() const noexcept { return transmitted_; }
    [[nodiscard]] std::size_t received() const noexcept { return received_; }
    [[nodiscard]] std::size_t duplicates() const noexcept { return duplicates_; }
    [[nodiscard]] double loss_percent() const noexcept;
    // The lines ping(8) ends with.
    [[nodiscard]] std::string summary(const std::string& host, Duration took) const;

private:
    std::size_t transmitted_ = 0;
    std::size_t received_ = 0;
    std::size_t duplicates_ = 0;                               // answers beyond a request's first
    double min_ = 0, max_ = 0, sum_ = 0, sum_of_squares_ = 0;  // milliseconds
};

using Print = std::function<void(const std::string& line)>;

// Pings until the count is reached or `*stop` is set. Throws std::runtime_error with one sentence: an unknown host, no permission.
[[nodiscard]] session::asio::awaitable<void> run(session::Network& network, std::string host, Options options,
                                                 Print print, Statistics& statistics, std::shared_ptr<bool> stop);

}  // namespace strata::application::ping
