#include "strata/7_application/rpcbind/server/service.hpp"

#include "strata/7_application/rpcbind/server/rpcbind.hpp"

namespace strata::application::rpcbind {
namespace {

// For as long as there is a call.
struct Kept {
    Kept(session::Network& network, std::shared_ptr<Registry> of)
        : registry(std::move(of)), program(network, *registry) {}
    std::shared_ptr<Registry> registry;
    Rpcbind program;
};

std::shared_ptr<session::rpc::Program> make_program(session::Network& network, std::shared_ptr<Registry> registry) {
    const auto kept = std::make_shared<Kept>(network, std::move(registry));
    return {kept, &kept->program};
}

}  // namespace

Service::Service(session::Network& network, std::shared_ptr<Registry> registry) : rpc_(network) {
    rpc_.add(make_program(network, std::move(registry)));
}

session::Address Service::start(const session::Address& at, session::error_code& error) {
    return rpc_.start(at, error);
}

}  // namespace strata::application::rpcbind
