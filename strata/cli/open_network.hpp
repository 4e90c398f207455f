// The network that --net asked for, opened, with what the commands need to know of it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/control/server.hpp"
#include "strata/cli/net_option.hpp"

namespace strata::cli {

// Says which address and why; what to do instead depends on the caller.
struct CannotListen : std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What comes to a port.
enum class Carried { connections, datagrams, both };

class OpenedNetwork {
public:
    virtual ~OpenedNetwork() = default;
    // What applications run on.
    [[nodiscard]] virtual session::Network& network() = 0;
    // Makes what an application listens at reachable for this machine's clients, and returns where
    // they find it: any address, if they come in by all. Throws CannotListen if that can't be done.
    // Port 0: one that is free.
    [[nodiscard]] virtual Endpoint expose(const std::string& bind_address, std::uint16_t port,
                                          const session::Address& listens_at, Carried what) = 0;
    // Where applications should listen.
    [[nodiscard]] virtual session::Address listen_address(const std::string& bind_address, std::uint16_t port) = 0;
    // The client behind a conversation's remote address, where a gateway is between.
    [[nodiscard]] virtual session::Address client_behind(const session::Address& remote) const { return remote; }
    // Whether clients find what listens inside only by a door (open_door).
    [[nodiscard]] virtual bool has_doors() const noexcept { return false; }
    // Makes a port that a service listens at reachable for one client, whom it knows by `client`,
    // as long as the door is held. `outside_port` 0: any that is free. Null with an error.
    [[nodiscard]] virtual std::shared_ptr<void> open_door(const session::Address& client,
                                                          const session::Address& listens_at, session::Address& at,
                                                          session::error_code& error) {
        (void)client;
        at = listens_at;
        error = {};
        return nullptr;
    }
    // What each floor carried, for the end; nothing for the kernel's.
    virtual void print_counters() const {}
    // What is answered on the control socket.
    [[nodiscard]] virtual application::control::Answer answer(std::string_view question) const = 0;
    // True while what the applications said is still on its way to this machine's clients.
    [[nodiscard]] virtual bool carrying() const { return false; }
    // True: an own stack, whose HTTP port is 80 unless said otherwise.
    [[nodiscard]] virtual bool own_stack() const noexcept { return false; }
};

// `pcap_file` may be empty. Throws with one sentence: what failed and what to do.
[[nodiscard]] std::unique_ptr<OpenedNetwork> open_network(boost::asio::io_context& io, const NetOption& option,
                                                          const std::string& pcap_file);

}  // namespace strata::cli
