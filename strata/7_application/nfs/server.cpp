#include "strata/7_application/nfs/server.hpp"

#include "strata/7_application/nfs/mount/program.hpp"
#include "strata/7_application/nfs/shared/shared.hpp"
#include "strata/7_application/nfs/versions.hpp"

namespace strata::application::nfs {

std::array<OfferedProgram, 2> offered_programs() noexcept {
    return {
        {{v3::program_number, {v3::version, v4::version}}, {mount::program_number, {mount::version, mount::version}}}};
}

Server::Server(session::Network& network, const FileRoot& root, const Options& options)
    : shared_(std::make_shared<Shared>(network, root, options)),
      versions_(std::make_shared<NfsVersions>(shared_)),
      rpc_(network, options.rpc) {
    rpc_.add(versions_);
    rpc_.add(std::make_shared<mount::Mount3>(shared_));
}

Server::~Server() = default;

session::Address Server::start(const session::Address& at, session::error_code& error) { return rpc_.start(at, error); }
void Server::stop() { rpc_.stop(); }
void Server::abort() { rpc_.abort(); }
std::size_t Server::active() const noexcept { return rpc_.active(); }
std::size_t Server::places() const noexcept { return shared_->tree.size(); }
std::size_t Server::mounts() const noexcept { return shared_->mounts.all().size(); }

Server::Held Server::held() const noexcept {
    const v4::State& state = versions_->state();
    return {state.clients.size(), state.owners(), state.opens.size(), state.opens.locks()};
}

}  // namespace strata::application::nfs
