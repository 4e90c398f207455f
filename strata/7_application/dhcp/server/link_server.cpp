#include "strata/7_application/dhcp/server/link_server.hpp"

namespace strata::application::dhcp {

LinkServer::LinkServer(session::Network& network, const std::string& interface, ServerPlan plan, Server::Tell tell,
                       const ServerOptions& options)
    : network_(network),
      server_(network.entropy(), std::move(plan), std::move(tell), options),
      channel_(network, server_port, interface, [this](const Result<Message>& message) { deliver(message); }) {}

void LinkServer::deliver(const Result<Message>& message) {
    if (!message) return server_.malformed();
    const auto reply = server_.answer(*message, network_.now());
    if (reply) channel_.send(reply->message, reply->to, reply->port, reply->bytes_max);
}

}  // namespace strata::application::dhcp
