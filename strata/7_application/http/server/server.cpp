#include "strata/7_application/http/server/server.hpp"

#include "strata/7_application/http/server/connection.hpp"

namespace strata::application::http {
namespace {

Conversations conversations_of(const std::shared_ptr<Service>& service) {
    const ServerOptions& options = service->options;
    return {service->network,
            {options.places, options.turned_away_max, options.client_behind},
            [service](Client client) { return std::make_unique<Connection>(service, std::move(client)); },
            [service](Client client, NoPlace why) {
                return std::make_unique<Connection>(service, std::move(client), why);
            }};
}

}  // namespace

Server::Server(session::Network& network, const FileRoot& root, Log log, Options options)
    : conversations_(conversations_of(std::make_shared<Service>(network, root, std::move(log), std::move(options)))) {}

}  // namespace strata::application::http
