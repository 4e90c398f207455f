#include "strata/7_application/nfs/client/mounting/mounting.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/0_foundation/printable.hpp"
#include "strata/5_session/rpc/client/datagram_client.hpp"
#include "strata/5_session/rpc/client/stream_client.hpp"
#include "strata/7_application/nfs/client/mounting/exports.hpp"
#include "strata/7_application/nfs/client/mounting/identity.hpp"
#include "strata/7_application/rpcbind/client/client.hpp"

namespace strata::application::nfs::client {

namespace asio = session::asio;
namespace rpc = session::rpc;
using asio::awaitable;
using boost::system::system_error;

namespace {

constexpr Duration farewell_at_most = 2s;

// What one attempt at an address is made with.
class Mounting {
public:
    Mounting(session::Network& network, const http::Url& server, const Path& path, const NfsOptions& options,
             const ClientOptions& patience, Parameters parameters)
        : network_(network), server_(server), path_(path), options_(options), parameters_(parameters) {
        rpc::AuthSys who = options.credentials ? *options.credentials : identity_of_this_process();
        if (parameters.uid) who.uid = *parameters.uid;
        if (parameters.gid) who.gid = *parameters.gid;
        // Groups of somebody else are not his.
        if (parameters.uid || parameters.gid) who.more_gids_count = 0;
        calls_.credentials = std::move(who);
        calls_.timeout = patience.stall_timeout;
        first_timeout_ = patience.connect_timeout;
    }

    awaitable<Mount> at(IpAddress host) {
        host_ = host;
        nfs_port_ = server_.port;
        mount_port_ = parameters_.mount_port.value_or(server_.port);
        Mount mount;
        mount.mount_server = open(mount_port_);
        ExportList exports;
        const bool is_there = co_await list(*mount.mount_server, exports);
        if (!is_there) {
            co_await ask_rpcbind();
            mount.mount_server = open(mount_port_);
            (void)co_await list(*mount.mount_server, exports);
        }
        mount.calls = calls_;
        mount.calls.timeout = farewell_at_most;
        Session::Mounted mounted = co_await mount_one(*mount.mount_server, exports, path_, options_.mounts_max, calls_);
        mounted.by_datagrams = parameters_.by_datagrams;
        std::shared_ptr<rpc::Client> nfs = nfs_port_ == mount_port_ ? mount.mount_server : open(nfs_port_);
        mount.session = std::make_unique<Session>(network_, options_, std::move(nfs), calls_, std::move(mounted));
        co_await mount.session->ask_limits();
        co_return mount;
    }

private:
    [[nodiscard]] std::shared_ptr<rpc::Client> open(std::uint16_t port) const {
        const session::Address there(host_, port);
        const std::size_t at_once = options_.in_flight_max + 1;
        if (parameters_.by_datagrams) {
            rpc::DatagramClientOptions of_datagrams;
            of_datagrams.calls_at_once_max = at_once;
            return std::make_shared<rpc::DatagramClient>(network_, there, of_datagrams);
        }
        rpc::StreamClientOptions of_streams;
        of_streams.calls_at_once_max = at_once;
        of_streams.silence_timeout = calls_.timeout / 2;
        return std::make_shared<rpc::StreamClient>(network_, there, of_streams);
    }

    // False: MOUNT is not at that port, and may be asked for elsewhere.
    awaitable<bool> list(rpc::Client& server, ExportList& exports) {
        rpc::CallOptions calls = calls_;
        calls.timeout = first_timeout_;
        bool is_there = true;
        try {
            exports = co_await exports_of(server, calls);
        } catch (const system_error& error) {
            if (error.code() == asio::error::operation_aborted) throw;
            const bool may_be_elsewhere = !parameters_.mount_port && !asked_rpcbind_;
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
        const std::shared_ptr<rpc::Client> rpcbind = open(options_.rpcbind_port);
        const std::uint32_t protocol = parameters_.by_datagrams ? rpcbind::Mapping::udp : rpcbind::Mapping::tcp;
        std::uint16_t nfs = server_.port;
        std::uint16_t mount = 0;
        try {
            mount = co_await rpcbind::port_of(*rpcbind, mount_program_number, mount_version, protocol);
            if (!server_.port_is_given)
                nfs = co_await rpcbind::port_of(*rpcbind, v3::program_number, v3::version, protocol);
        } catch (const system_error& error) {
            if (error.code() == asio::error::operation_aborted) throw;
            Failure failure("MOUNT is not at port " + std::to_string(server_.port) +
                                ", and rpcbind does not say where (" + error.code().message() + ")",
                            "name its port with ?mountport=", true);
            failure.lost = true;
            throw failure;
        }
        if (mount == 0 || nfs == 0)
            throw Failure(std::string(mount == 0 ? "MOUNT" : "NFS") + " of version 3 is not there by " +
                              (parameters_.by_datagrams ? "UDP" : "TCP") + ", rpcbind says",
                          parameters_.by_datagrams ? "leave transport=udp out" : "check which versions the server has");
        mount_port_ = mount;
        nfs_port_ = nfs;
    }

    session::Network& network_;
    const http::Url& server_;
    const Path& path_;
    const NfsOptions& options_;
    Parameters parameters_;
    rpc::CallOptions calls_;
    Duration first_timeout_{};
    IpAddress host_;
    std::uint16_t nfs_port_ = 0, mount_port_ = 0;
    bool asked_rpcbind_ = false;
};

}  // namespace

awaitable<Mount> mount_for(session::Network& network, const http::Url& server, const Path& path,
                           const NfsOptions& options, const ClientOptions& patience) {
    const auto parameters = parameters_of(server.parameters);
    if (!parameters) throw failure_of(parameters.error());
    session::error_code error;
    const auto addresses =
        co_await network.async_resolve(server.host, asio::redirect_error(asio::use_awaitable, error));
    if (error) throw Failure(error.message(), "check the host's name", true);
    std::optional<Failure> failed;
    for (const IpAddress& address : addresses) {
        Mounting mounting(network, server, path, options, patience, *parameters);
        try {
            Mount mount = co_await mounting.at(address);
            co_return mount;
        } catch (const Failure& failure) {
            if (!failure.lost) throw;
            failed = failure;
        } catch (const system_error& opening) {
            if (opening.code() == asio::error::operation_aborted) throw;
            failed = failure_of(opening);
        }
    }
    throw *failed;
}

awaitable<void> unmount(const Mount& mount) {
    if (!mount.session) co_return;
    try {
        co_await tell_unmounted(*mount.mount_server, mount.session->folder(), mount.calls);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it was a courtesy
    }
}

}  // namespace strata::application::nfs::client
