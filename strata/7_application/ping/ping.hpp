// ping: asks a host for answers and says how they came back, as ping(8) does. Requests leave at
// their times whether or not answers are due.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/host_address.hpp"
#include "strata/7_application/ping/statistics.hpp"

namespace strata::application::ping {

using application::Family;

struct Options {
    std::size_t count = 0;          // 0: until it is stopped
    std::size_t payload_size = 56;  // bytes behind the ICMP header
    Duration interval = 1s;         // zero: as fast as answers come, or every 10 ms where none do
    // How long each request is waited for; later answers count all the same while it runs. None: 10
    // s, but after the last request no longer than two of the longest round trips, or the interval.
    std::optional<Duration> wait;
    std::uint8_t ttl = 64;
    network::Fragmentation fragmentation = network::Fragmentation::when_needed;
    std::optional<Duration> deadline;  // after it no request leaves and no answer is waited for
    Family family = Family::any;
    bool record_route = false;                // of IPv4: who carries or answers a request writes its address into it
    bool flood = false;                       // a dot for a request that waits, instead of lines
    bool quiet = false;                       // only the first line; the summary is the caller's
    std::size_t requests_waiting_max = 1000;  // then no more are sent until one is answered or given up
};

// A line; in a flood also dots and backspaces, which are parts of one: `ends` is false.
using Print = std::function<void(const std::string& text, bool ends)>;

// Pings until the count is reached or `*stop` is set. Throws std::runtime_error with one sentence:
// an unknown host, no permission, a network that has no such addresses.
[[nodiscard]] session::asio::awaitable<void> run(session::Network& network, std::string host, Options options,
                                                 Print print, Statistics& statistics, std::shared_ptr<bool> stop);

}  // namespace strata::application::ping
