#include "strata/7_application/nfs/client/mounting/attempt.hpp"

#include "strata/5_session/rpc/client/datagram_client.hpp"
#include "strata/5_session/rpc/client/stream_client.hpp"
#include "strata/7_application/nfs/client/mounting/identity.hpp"

namespace strata::application::nfs::client {

namespace rpc = session::rpc;

Attempt::Attempt(session::Network& its_network, const http::Url& of, const Path& its_path,
                 const NfsOptions& its_options, const ClientOptions& patience, Parameters said, IpAddress at)
    : network(its_network),
      server(of),
      path(its_path),
      options(its_options),
      parameters(said),
      host(at),
      first_timeout(patience.connect_timeout) {
    rpc::AuthSys who = options.credentials ? *options.credentials : identity_of_this_process();
    if (parameters.uid) who.uid = *parameters.uid;
    if (parameters.gid) who.gid = *parameters.gid;
    // Groups of somebody else are not his.
    if (parameters.uid || parameters.gid) who.more_gids_count = 0;
    calls.credentials = std::move(who);
    calls.timeout = patience.stall_timeout;
}

std::shared_ptr<rpc::Client> Attempt::open(std::uint16_t port) const {
    const session::Address there(host, port);
    const std::size_t at_once = options.in_flight_max + 1;
    if (parameters.by_datagrams) {
        rpc::DatagramClientOptions of_datagrams;
        of_datagrams.calls_at_once_max = at_once;
        return std::make_shared<rpc::DatagramClient>(network, there, of_datagrams);
    }
    rpc::StreamClientOptions of_streams;
    of_streams.calls_at_once_max = at_once;
    of_streams.silence_timeout = calls.timeout / 2;
    return std::make_shared<rpc::StreamClient>(network, there, of_streams);
}

}  // namespace strata::application::nfs::client
