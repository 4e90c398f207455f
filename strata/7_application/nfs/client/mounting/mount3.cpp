// Version 3: finds MOUNT and NFS, and mounts the folder that a path is in (RFC 1813 5).
#include "strata/7_application/nfs/client/mounting/attempt.hpp"
#include "strata/7_application/nfs/client/version3/exports.hpp"
#include "strata/7_application/nfs/client/version3/volume3.hpp"
#include "strata/7_application/rpcbind/client/client.hpp"

namespace strata::application::nfs::client {

namespace asio = session::asio;
namespace rpc = session::rpc;
using asio::awaitable;
using boost::system::system_error;

namespace {

constexpr Duration farewell_at_most = 2s;

class Mounting3 {
public:
    explicit Mounting3(const Attempt& attempt)
        : by_(attempt),
          nfs_port_(attempt.server.port),
          mount_port_(attempt.parameters.mount_port.value_or(attempt.server.port)) {}

    awaitable<std::unique_ptr<Volume>> mount() {
        std::shared_ptr<rpc::Client> mount_server = by_.open(mount_port_);
        ExportList exports;
        const bool is_there = co_await list(*mount_server, exports);
        if (!is_there) {
            co_await ask_rpcbind();
            mount_server = by_.open(mount_port_);
            (void)co_await list(*mount_server, exports);
        }
        rpc::CallOptions farewell = by_.calls;
        farewell.timeout = farewell_at_most;
        Session::Mounted mounted =
            co_await mount_one(*mount_server, exports, by_.path, by_.options.mounts_max, by_.calls);
        mounted.by_datagrams = by_.parameters.by_datagrams;
        std::shared_ptr<rpc::Client> nfs = nfs_port_ == mount_port_ ? mount_server : by_.open(nfs_port_);
        auto session =
            std::make_shared<Session>(by_.network, by_.options, std::move(nfs), by_.calls, std::move(mounted));
        co_await session->ask_limits();
        co_return std::make_unique<Volume3>(std::move(session), std::move(mount_server), std::move(farewell));
    }

private:
    // False: MOUNT is not at that port, and may be asked for elsewhere.
    awaitable<bool> list(rpc::Client& server, ExportList& exports) {
        rpc::CallOptions calls = by_.calls;
        calls.timeout = by_.first_timeout;
        bool is_there = true;
        try {
            exports = co_await exports_of(server, calls);
        } catch (const system_error& error) {
            if (error.code() == asio::error::operation_aborted) throw;
            const bool may_be_elsewhere = !by_.parameters.mount_port && !asked_rpcbind_;
            const bool is_none = error.code() == rpc::Errc::program_unavailable ||
                                 error.code() == rpc::Errc::program_mismatch ||
                                 error.code() == asio::error::connection_refused;
            // The list is refused, and mounting may be allowed all the same.
            const bool is_refused = error.code().category() == rpc::error_category() && !is_none;
            if (is_none && may_be_elsewhere) is_there = false;
            if (is_there && (!is_refused || error.code() == rpc::Errc::bad_reply)) throw failure_of(error);
        }
        co_return is_there;
    }

    awaitable<void> ask_rpcbind() {
        asked_rpcbind_ = true;
        const std::shared_ptr<rpc::Client> rpcbind = by_.open(by_.options.rpcbind_port);
        const std::uint32_t protocol = by_.parameters.by_datagrams ? rpcbind::Mapping::udp : rpcbind::Mapping::tcp;
        std::uint16_t nfs = by_.server.port;
        std::uint16_t mount = 0;
        try {
            mount = co_await rpcbind::port_of(*rpcbind, mount_program_number, mount_version, protocol);
            if (!by_.server.port_is_given)
                nfs = co_await rpcbind::port_of(*rpcbind, v3::program_number, v3::version, protocol);
        } catch (const system_error& error) {
            if (error.code() == asio::error::operation_aborted) throw;
            Failure failure("MOUNT is not at port " + std::to_string(by_.server.port) +
                                ", and rpcbind does not say where (" + error.code().message() + ")",
                            "name its port with ?mountport=", true);
            failure.lost = failure.other_version = true;
            throw failure;
        }
        if (mount == 0 || nfs == 0) {
            Failure failure(
                std::string(mount == 0 ? "MOUNT" : "NFS") + " of version 3 is not there by " +
                    (by_.parameters.by_datagrams ? "UDP" : "TCP") + ", rpcbind says",
                by_.parameters.by_datagrams ? "leave transport=udp out" : "check which versions the server has");
            failure.other_version = true;
            throw failure;
        }
        mount_port_ = mount;
        nfs_port_ = nfs;
    }

    const Attempt& by_;
    std::uint16_t nfs_port_, mount_port_;
    bool asked_rpcbind_ = false;
};

}  // namespace

awaitable<std::unique_ptr<Volume>> mount3(const Attempt& attempt) {
    Mounting3 mounting(attempt);
    co_return co_await mounting.mount();
}

}  // namespace strata::application::nfs::client
