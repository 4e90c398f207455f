// traceroute: which routers lie on the way to a host, as traceroute(8) says it. Probes leave that
// may be forwarded once, twice, and so on; whoever drops one because of that says so (RFC 792, RFC
// 1812 5.2.7.3), until the host itself answers.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/host_address.hpp"
#include "strata/7_application/traceroute/lines.hpp"

namespace strata::application::traceroute {

enum class Method {
    udp,   // to ports that nobody should have: `port` and up, one a probe
    echo,  // ICMP echo requests
    tcp,   // SYNs to `port`; if it answers, the conversation is reset at once
};

struct Options {
    Method method = Method::udp;
    std::uint16_t port = 33434;  // not of echo
    unsigned first_hop = 1;
    unsigned hops_max = 30;           // not below first_hop
    std::size_t probes_a_hop = 3;     // at least 1
    std::size_t probes_at_once = 16;  // at least 1
    Duration wait = 5s;               // for the answer to a probe
    bool names = true;                // of those who answer
    Duration name_wait = 3s;          // for one of them: then its address stands alone
    Family family = Family::any;
    // Finds the path's MTU, by UDP: probes may not be fragmented, leave one at a time, and begin as
    // long as may be.
    bool mtu = false;
    std::size_t mtu_steps_max = 64;  // that they are made shorter; who says more often that they should is not believed
};

// Traces until the host is reached, nothing comes further, or hops_max is. True: it was reached.
// Throws std::runtime_error with one sentence: an unknown host, no permission, nothing can be sent.
[[nodiscard]] session::asio::awaitable<bool> run(session::Network& network, std::string host, Options options,
                                                 Print print);

}  // namespace strata::application::traceroute
