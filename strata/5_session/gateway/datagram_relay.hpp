// DatagramRelay: carries datagrams from clients on one network to services on another, and their
// answers back: what a Gateway is for conversations, where there are none.
//
//     client 4000 ── :6969 ──┐  a flow: a port of its own inside
//                       [DatagramRelay] 49152 ───── :69    service
//     client 4000 ── :50777 ─┘              └────── :50001 the same, answering from another port
//
// A flow is what one client sends to one door. A service that answers from a port of its own, as
// TFTP's does (RFC 1350 4), has one for the flow outside, too. A flow without datagrams for a while
// ends. A client's address may be forged: flows whose client has not sent anything after an answer
// make room for others, so that strangers keep nobody out.
#pragma once

#include <cstdint>
#include <memory>

#include "strata/5_session/network.hpp"

namespace strata::session {

struct DatagramRelayOptions {
    std::size_t flows_max = 1024;
    std::size_t flows_per_address_max = 64;  // of clients
    std::size_t ways_max = 4;                // of a flow: ports of the service that answer it
    Duration idle_max = 120s;                // RFC 4787 4.3: two minutes at least
    Duration settled = 10s;                  // who has answered keeps his flow so long, however many come
    std::size_t datagram_max = 65507;        // bytes; what is longer is cut
};

struct DatagramRelayCounters {
    std::uint64_t flows = 0;
    std::uint64_t expired = 0;       // flows that were idle
    std::uint64_t evicted = 0;       // flows that made room
    std::uint64_t refused = 0;       // datagrams dropped: no flow could be had for them
    std::uint64_t strangers = 0;     // datagrams dropped: not from the flow's client or service
    std::uint64_t undelivered = 0;   // could not be sent on, or heard
    std::uint64_t datagrams_in = 0;  // from outside to inside
    std::uint64_t datagrams_out = 0;
};

// Both networks must run on the same event loop, and outlive the relay.
class DatagramRelay {
public:
    using Options = DatagramRelayOptions;
    // `inside_own`: the address that the inside knows the relay by.
    DatagramRelay(Network& outside, Network& inside, const IpAddress& inside_own, Options options = {});
    DatagramRelay(const DatagramRelay&) = delete;
    DatagramRelay& operator=(const DatagramRelay&) = delete;
    ~DatagramRelay();  // as abort()

    // Opens a door at `outside_address`: what arrives there is carried to `service`. Returns where
    // it is. Errors: those of Network::open_datagram.
    Address carry(const Address& outside_address, const Address& service, error_code& error);
    // Ends all flows and closes the doors.
    void abort();
    [[nodiscard]] std::size_t flows() const noexcept;
    // The client of the flow that the inside knows by this address; that address, if there is none.
    [[nodiscard]] Address outside_of(const Address& inside) const;
    [[nodiscard]] const DatagramRelayCounters& counters() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace strata::session
