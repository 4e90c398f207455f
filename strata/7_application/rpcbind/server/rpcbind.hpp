// Rpcbind: the program that knows where the others are (RFC 1833), in versions 2, 3 and 4. It is
// added to an rpc::Server at port 111, like any other.
//
//   SET, UNSET             taken over a connection from this machine (a Unix socket, or loopback):
//                          everybody else is told FALSE, and so are datagrams, whose sender is
//                          whoever he says he is
//   DUMP, GETADDRLIST      in datagrams to this machine alone: to others they would be a way to
//                          have much sent to whoever did not ask
//   CALLIT, BCAST,         not there: rpcbind would call for strangers, with its own address, what
//   INDIRECT               they may not call themselves, and its replies are longer than the calls
//   GETSTAT, UADDR2TADDR, TADDR2UADDR   not there: nobody asks
#pragma once

#include "strata/5_session/network.hpp"
#include "strata/7_application/rpcbind/registry.hpp"

namespace strata::application::rpcbind {

class Rpcbind final : public session::rpc::Program {
public:
    // Both outlive it. The network tells what time it is.
    Rpcbind(session::Network& network, Registry& registry) : network_(network), registry_(registry) {}

    [[nodiscard]] std::uint32_t number() const noexcept override { return program_number; }
    [[nodiscard]] session::rpc::Versions versions() const noexcept override { return offered_versions; }
    [[nodiscard]] bool is_idempotent(const session::rpc::Target& target) const noexcept override;
    [[nodiscard]] session::asio::awaitable<session::rpc::Reply> handle(const session::rpc::Call& call) override;

private:
    using Call = session::rpc::Call;
    using Reply = session::rpc::Reply;
    [[nodiscard]] Reply answer_port_mapper(const Call& call);
    [[nodiscard]] Reply answer(const Call& call);
    [[nodiscard]] Reply change_mapping(const Call& call);
    [[nodiscard]] Reply change_binding(const Call& call);
    [[nodiscard]] Reply tell_port(const Call& call) const;
    [[nodiscard]] Reply tell_address(const Call& call, bool any_version) const;
    [[nodiscard]] Reply tell_mappings(const Call& call) const;
    [[nodiscard]] Reply tell_bindings(const Call& call) const;
    [[nodiscard]] Reply tell_transports(const Call& call) const;

    session::Network& network_;
    Registry& registry_;
};

}  // namespace strata::application::rpcbind
