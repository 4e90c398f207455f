// Server: a folder over NFS version 3, with MOUNT version 3 at the same port (RFC 1813), over TCP
// and UDP; and over NFS version 4.0 (RFC 7530), over TCP.
//
//     mount -t nfs -o vers=3,nolock,port=2049,mountport=2049 10.0.0.2:/ /mnt
//     mount -t nfs4 -o vers=4.0,port=2049 10.0.0.2:/ /mnt
//
// Who calls is not believed (sec=sys proves nothing): everybody has the rights of the root's
// options, and of the user that the server runs as. Version 3 keeps no file open between calls;
// version 4 those that its clients have open.
#pragma once

#include "strata/5_session/rpc/server/server.hpp"
#include "strata/7_application/nfs/shared/options.hpp"
#include "strata/7_application/service.hpp"

namespace strata::application::nfs {

struct Shared;
class NfsVersions;

inline constexpr std::uint16_t server_port = 2049;

class Server final : public Service {
public:
    using Options = ServerOptions;
    // Network and root outlive it, and the calls that are being done when it ends.
    Server(session::Network& network, const FileRoot& root, const Options& options = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() override;  // as abort()

    // TCP and UDP; a Unix path for connections alone.
    [[nodiscard]] session::Address start(const session::Address& at, session::error_code& error) override;
    void stop() override;
    void abort() override;
    // How many connections there are.
    [[nodiscard]] std::size_t active() const noexcept override;

    // Files whose place is remembered; mounts that were told; calls.
    [[nodiscard]] std::size_t places() const noexcept;
    [[nodiscard]] std::size_t mounts() const noexcept;
    // What version 4's clients have.
    struct Held {
        std::size_t clients = 0, owners = 0, opens = 0, locks = 0;
    };
    [[nodiscard]] Held held() const noexcept;
    [[nodiscard]] const session::rpc::RpcServerCounters& counters() const noexcept { return rpc_.counters(); }

private:
    std::shared_ptr<Shared> shared_;
    std::shared_ptr<NfsVersions> versions_;
    session::rpc::Server rpc_;
};

}  // namespace strata::application::nfs
