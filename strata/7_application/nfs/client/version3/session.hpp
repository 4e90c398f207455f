// Session: a folder of a server that was mounted, and the calls about what is in it.
//
// A server that is busy is asked again, further and further apart. Replies that are lost are the
// RPC client's affair: it repeats what it has said. In datagrams a reply of many fragments is lost
// with each of them: what is asked for at once becomes smaller then.
#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <vector>

#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/nfs/client/nfs_options.hpp"
#include "strata/7_application/nfs/client/path/path.hpp"
#include "strata/7_application/nfs/client/session/failure.hpp"
#include "strata/7_application/nfs/v3/message.hpp"

namespace strata::application::nfs::client {

namespace xdr = presentation::xdr;

class Session {
public:
    struct Mounted {
        Path folder;  // its names in URLs of the server
        Handle root;
        bool by_datagrams = false;
    };
    // The network and the options outlive it. `calls`: how long each may take, and who makes them.
    Session(session::Network& network, const NfsOptions& options, std::shared_ptr<session::rpc::Client> server,
            session::rpc::CallOptions calls, Mounted mounted);

    // Asks what the server prefers (FSINFO). Before anything else.
    [[nodiscard]] session::asio::awaitable<void> ask_limits();

    // One call, and its results: views into the message beside them. What the arguments refer to
    // outlives it. Throws Failure: of the call, or for NFS3ERR_JUKEBOX, NFS3ERR_STALE and
    // NFS3ERR_BADHANDLE. Every other status is the caller's.
    template <typename Results, typename Arguments>
    [[nodiscard]] session::asio::awaitable<xdr::Called<Results>> ask(v3::Procedure procedure, Arguments arguments) {
        const session::rpc::Target target{v3::program_number, v3::version, procedure};
        for (unsigned tried = 0;; ++tried) {
            xdr::Called<Results> called;
            try {
                called = co_await xdr::call<Results>(*server_, target, arguments, calls_);
            } catch (const boost::system::system_error& error) {
                throw_failure_of(error);
            }
            const Status status = called.value.status;
            if (status == Status::stale || status == Status::badhandle) check(status);
            if (status != Status::jukebox) co_return called;
            if (tried >= options_.busy_max) check(status);
            co_await rest(tried);
        }
    }

    [[nodiscard]] const Path& folder() const noexcept { return mounted_.folder; }
    [[nodiscard]] const Handle& root() const noexcept { return mounted_.root; }
    [[nodiscard]] const NfsOptions& options() const noexcept { return options_; }
    [[nodiscard]] session::Network& network() const noexcept { return network_; }
    [[nodiscard]] bool knows_links() const noexcept { return knows_links_; }
    [[nodiscard]] std::uint32_t listing_size() const noexcept { return listing_size_; }
    [[nodiscard]] std::uint32_t read_size() const noexcept { return read_.now; }
    [[nodiscard]] std::uint32_t write_size() const noexcept { return write_.now; }
    // One went well: of datagrams that had to be repeated meanwhile the size is halved, without
    // any it grows again.
    void note_read() noexcept { adapt(read_); }
    void note_write() noexcept { adapt(write_); }
    // Calls that were sent again so far: what is done twice by them may be refused the second time.
    [[nodiscard]] std::uint64_t repeated() const noexcept { return server_->counters().rpcOutRepeated; }

private:
    struct Size {
        std::uint32_t now = 0, most = 0;
        unsigned went_well = 0;
    };
    [[noreturn]] static void throw_failure_of(const boost::system::system_error& error);
    [[nodiscard]] session::asio::awaitable<void> rest(unsigned tried);
    [[nodiscard]] Size size_of(std::uint32_t preferred, std::uint32_t most) const noexcept;
    void adapt(Size& size) noexcept;

    session::Network& network_;
    const NfsOptions& options_;
    std::shared_ptr<session::rpc::Client> server_;
    session::rpc::CallOptions calls_;
    Mounted mounted_;
    bool knows_links_ = false;
    std::uint32_t listing_size_ = 0;
    Size read_, write_;
    std::uint64_t repeated_seen_ = 0;
};

}  // namespace strata::application::nfs::client
