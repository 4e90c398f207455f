// LinkServer: a Server on one interface of a network, the kernel's or ours.
#pragma once

#include "strata/7_application/dhcp/channel.hpp"
#include "strata/7_application/dhcp/server/server.hpp"

namespace strata::application::dhcp {

class LinkServer {
public:
    // Answers until it is destroyed. The network outlives it. `interface`: its name, as the network
    // has it. Throws boost::system::system_error if the server's port can't be had.
    LinkServer(session::Network& network, const std::string& interface, ServerPlan plan, Server::Tell tell,
               const ServerOptions& options = {});

    [[nodiscard]] Server& server() noexcept { return server_; }

private:
    void deliver(const Result<Message>& message);

    session::Network& network_;
    Server server_;
    Channel channel_;
};

}  // namespace strata::application::dhcp
