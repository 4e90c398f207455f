// Nfs3: NFS version 3 (RFC 1813 3) as a program of an rpc::Server.
#pragma once

#include "strata/5_session/rpc/server/program.hpp"
#include "strata/7_application/nfs/v3/work.hpp"

namespace strata::application::nfs::v3 {

class Nfs3 final : public session::rpc::Program {
public:
    explicit Nfs3(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    [[nodiscard]] std::uint32_t number() const noexcept override { return program_number; }
    [[nodiscard]] session::rpc::Versions versions() const noexcept override { return {version, version}; }
    // What changes something is not: a WRITE that comes again late would undo a later one.
    [[nodiscard]] bool is_idempotent(const session::rpc::Target& target) const noexcept override;
    [[nodiscard]] session::asio::awaitable<session::rpc::Reply> handle(const session::rpc::Call& call) override;

private:
    template <typename Arguments, typename Results>
    session::asio::awaitable<session::rpc::Reply> answer(const session::rpc::Call& call,
                                                         void (*deed)(Work&, const Arguments&, Results&));

    std::shared_ptr<Shared> shared_;
};

}  // namespace strata::application::nfs::v3
