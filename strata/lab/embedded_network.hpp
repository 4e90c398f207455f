// The embedded network: two hosts of ours joined by a cable inside the process, and a gateway that
// lets this machine in, and its programs out.
//
//     this machine's clients ── 127.0.0.1:8000 ──┐          ┌── whom this machine can reach
//                                          [Gateway]
//     front 10.73.0.2 ═══ cable, MTU 1500 ═══ server 10.73.0.1     where the programs run
//
// No root, no TAP, and yet every byte passes through two of our stacks; in super-frames without
// checksums, unless a capture looks on.
#pragma once

#include <memory>
#include <string>

#include "strata/5_session/gateway/datagram_relay.hpp"
#include "strata/5_session/gateway/gateway.hpp"
#include "strata/5_session/gateway/outward_network.hpp"
#include "strata/5_session/runtime/real.hpp"
#include "strata/lab/lab.hpp"

namespace strata::lab {

class EmbeddedNetwork {
public:
    // `outside`: this machine's own network, where the gateway listens; it outlives this.
    // `pcap_file`: not empty, what passes on the cable is written there. Throws std::system_error
    // if that can't be written.
    EmbeddedNetwork(boost::asio::io_context& io, session::Network& outside, const std::string& pcap_file = {});
    ~EmbeddedNetwork();

    // Where programs run. Its conversations may lead out of it (session::OutwardNetwork).
    [[nodiscard]] session::Network& network() noexcept { return *network_; }
    // Carries conversations that begin at `outside_address` to the
    // server's `port`. Returns where it listens.
    session::Address expose(const session::Address& outside_address, std::uint16_t port, session::error_code& error);
    // The same of datagrams, with an address for each client inside.
    session::Address expose_datagrams(const session::Address& outside_address, std::uint16_t port,
                                      session::error_code& error);
    // The same of both, at one number.
    session::Address expose_both(const session::Address& outside_address, std::uint16_t port,
                                 session::error_code& error);
    // Carries what comes to this port outside, at the address where this client has found us, to
    // the server's of the same number, for as long as the door is held. Null with an error.
    [[nodiscard]] std::shared_ptr<void> open_door(const session::Address& client, std::uint16_t port,
                                                  session::Address& listens_at, session::error_code& error);
    // The client outside that the server knows by this address of the front; that address, if there
    // is none.
    [[nodiscard]] session::Address client_behind(const session::Address& remote) const;
    [[nodiscard]] const session::DatagramRelay& relay() const noexcept { return *relay_; }
    [[nodiscard]] const session::Gateway& gateway() const noexcept { return *gateway_; }
    [[nodiscard]] const host::Host& server() const noexcept { return *server_; }
    [[nodiscard]] const host::Host& front() const noexcept { return *front_; }

private:
    KernelEntropy entropy_;
    session::RealRuntime runtime_;
    Lab lab_;
    host::Host* server_;
    host::Host* front_;
    std::unique_ptr<session::Gateway> gateway_;
    std::unique_ptr<session::DatagramRelay> relay_;
    std::unique_ptr<session::OutwardNetwork> network_;
    std::vector<std::shared_ptr<void>> doors_;  // of expose_both
};

}  // namespace strata::lab
