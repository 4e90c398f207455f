#include "strata/7_application/http/server/server.hpp"

#include "strata/7_application/http/server/connection.hpp"

namespace strata::application::http {
namespace {

Conversations conversations_of(const std::shared_ptr<Shared>& shared) {
    const ServerOptions& options = shared->options;
    return {shared->network,
            {options.places, options.turned_away_max, options.client_behind},
            [shared](Client client) { return std::make_unique<Connection>(shared, std::move(client)); },
            // Over TLS to be told why would cost more than a place does.
            options.tls
                ? Conversations::TurnAway{}
                : [shared](Client client,
                           NoPlace why) { return std::make_unique<Connection>(shared, std::move(client), why); }};
}

}  // namespace

Server::Server(session::Network& network, const FileRoot& root, Log log, Options options)
    : StreamService(network,
                    conversations_of(std::make_shared<Shared>(network, root, std::move(log), std::move(options)))) {}

}  // namespace strata::application::http
