// Mount3: MOUNT version 3 (RFC 1813 5) as a program of an rpc::Server. "/" is the served folder,
// and each folder beneath it may be mounted as well; links are not followed.
//
// DUMP is not answered in datagrams to other machines: with a forged sender much would be sent to
// whoever did not ask.
#pragma once

#include "strata/5_session/rpc/server/program.hpp"
#include "strata/7_application/nfs/mount/message.hpp"
#include "strata/7_application/nfs/shared/shared.hpp"

namespace strata::application::nfs::mount {

class Mount3 final : public session::rpc::Program {
public:
    explicit Mount3(std::shared_ptr<Shared> shared) : shared_(std::move(shared)) {}
    [[nodiscard]] std::uint32_t number() const noexcept override { return program_number; }
    [[nodiscard]] session::rpc::Versions versions() const noexcept override { return {version, version}; }
    [[nodiscard]] bool is_idempotent(const session::rpc::Target& /*target*/) const noexcept override { return true; }
    [[nodiscard]] session::asio::awaitable<session::rpc::Reply> handle(const session::rpc::Call& call) override;

private:
    using Call = session::rpc::Call;
    using Reply = session::rpc::Reply;
    [[nodiscard]] Reply mount(const Call& call);
    [[nodiscard]] Reply unmount(const Call& call);
    [[nodiscard]] Reply unmount_all(const Call& call);
    [[nodiscard]] Reply tell_mounts(const Call& call) const;
    [[nodiscard]] static Reply tell_exports(const Call& call);

    std::shared_ptr<Shared> shared_;
};

}  // namespace strata::application::nfs::mount
