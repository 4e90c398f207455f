// Nfs4: NFS version 4.0 (RFC 7530) as a program of an rpc::Server: one
// procedure, whose operations are done one by one until one fails. Over
// connections alone (RFC 7530 3.1): a datagram has no congestion control.
#pragma once

#include "strata/5_session/rpc/server/program.hpp"
#include "strata/7_application/nfs/v4/compound.hpp"
#include "strata/7_application/nfs/v4/ops/work.hpp"
#include "strata/7_application/nfs/v4/wake.hpp"

namespace strata::application::nfs::v4 {

class Nfs4 final : public session::rpc::Program {
public:
    explicit Nfs4(std::shared_ptr<Shared> shared);
    ~Nfs4() override;
    [[nodiscard]] std::uint32_t number() const noexcept override { return program_number; }
    [[nodiscard]] session::rpc::Versions versions() const noexcept override { return {version, version}; }
    [[nodiscard]] bool is_idempotent(const session::rpc::Target& /*target*/) const noexcept override { return false; }
    [[nodiscard]] bool is_call_idempotent(const session::rpc::Call& call) const override;
    [[nodiscard]] session::asio::awaitable<session::rpc::Reply> handle(const session::rpc::Call& call) override;

    [[nodiscard]] const State& state() const noexcept { return *state_; }

private:
    [[nodiscard]] std::optional<Compound> parse(const session::rpc::Call& call) const;
    [[nodiscard]] session::asio::awaitable<void> do_operations(Work& work, const Compound& compound,
                                                               session::rpc::Body& body);
    [[nodiscard]] session::asio::awaitable<Status4> do_operation(Work& work, const Operation& operation,
                                                                 session::rpc::Body& body);
    [[nodiscard]] session::asio::awaitable<Status4> prepare(Work& work);

    std::shared_ptr<Shared> shared_;
    std::shared_ptr<State> state_;
    std::shared_ptr<Wake> wake_;
};

}  // namespace strata::application::nfs::v4
