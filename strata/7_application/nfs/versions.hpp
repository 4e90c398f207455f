// NfsVersions: NFS at its one program number, versions 3 and 4 side by side.
#pragma once

#include "strata/7_application/nfs/v3/program.hpp"
#include "strata/7_application/nfs/v4/program.hpp"

namespace strata::application::nfs {

class NfsVersions final : public session::rpc::Program {
public:
    explicit NfsVersions(const std::shared_ptr<Shared>& shared) : third_(shared), fourth_(shared) {}
    [[nodiscard]] std::uint32_t number() const noexcept override { return v3::program_number; }
    [[nodiscard]] session::rpc::Versions versions() const noexcept override { return {v3::version, v4::version}; }
    [[nodiscard]] bool is_idempotent(const session::rpc::Target& target) const noexcept override {
        return of(target).is_idempotent(target);
    }
    [[nodiscard]] bool is_call_idempotent(const session::rpc::Call& call) const override {
        return of(call.target).is_call_idempotent(call);
    }
    [[nodiscard]] session::asio::awaitable<session::rpc::Reply> handle(const session::rpc::Call& call) override {
        if (call.target.version == v4::version) return fourth_.handle(call);
        return third_.handle(call);
    }
    [[nodiscard]] const v4::State& state() const noexcept { return fourth_.state(); }

private:
    [[nodiscard]] const session::rpc::Program& of(const session::rpc::Target& target) const noexcept {
        if (target.version == v4::version) return fourth_;
        return third_;
    }

    v3::Nfs3 third_;
    v4::Nfs4 fourth_;
};

}  // namespace strata::application::nfs
