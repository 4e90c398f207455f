// Attempt: what mounting at one address of a server is made with, whichever version it is of.
#pragma once

#include "strata/7_application/http/message/url.hpp"
#include "strata/7_application/nfs/client/mounting/parameters.hpp"
#include "strata/7_application/nfs/client/volume/volume.hpp"
#include "strata/7_application/transfer/progress.hpp"

namespace strata::application::nfs::client {

struct Attempt {
    // All of them outlive it. Who calls: as options and URL say.
    Attempt(session::Network& its_network, const http::Url& of, const Path& its_path, const NfsOptions& its_options,
            const ClientOptions& patience, Parameters said, IpAddress at);

    // A client of the program at that port.
    [[nodiscard]] std::shared_ptr<session::rpc::Client> open(std::uint16_t port) const;

    session::Network& network;
    const http::Url& server;
    const Path& path;
    const NfsOptions& options;
    Parameters parameters;
    IpAddress host;
    session::rpc::CallOptions calls{};
    Duration first_timeout;  // of the first call
};

// By MOUNT and rpcbind; by the server's own root. Throw Failure, and
// system_error of what the network says.
[[nodiscard]] session::asio::awaitable<std::unique_ptr<Volume>> mount3(const Attempt& attempt);
[[nodiscard]] session::asio::awaitable<std::unique_ptr<Volume>> mount4(const Attempt& attempt);

}  // namespace strata::application::nfs::client
