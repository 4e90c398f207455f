// Conversation: COMPOUNDs that are said to a server of NFS version 4, one connection for all, and
// how long one waits for a server that is busy (NFS4ERR_DELAY), or that began anew (NFS4ERR_GRACE).
#pragma once

#include <boost/asio/awaitable.hpp>

#include "strata/5_session/network.hpp"
#include "strata/7_application/nfs/client/nfs_options.hpp"
#include "strata/7_application/nfs/client/version4/message/compound4.hpp"

namespace strata::application::nfs::client {

// With what is asked again: how often, and for how long in the grace period.
struct Patience {
    unsigned busy = 0, grace = 0;
    Duration waited{};
};

class Conversation {
public:
    // Network and options outlive it. `calls`: how long each may take, and who makes them.
    Conversation(session::Network& network, const NfsOptions& options, std::shared_ptr<session::rpc::Client> server,
                 session::rpc::CallOptions calls)
        : network_(network), options_(options), server_(std::move(server)), calls_(std::move(calls)) {}

    // Once, and what came back. Throws Failure of the call, or if
    // what came does not fit what was asked.
    [[nodiscard]] session::asio::awaitable<Heard4> say(const Compound4& compound) {
        return say_within(calls_.timeout, compound);
    }
    [[nodiscard]] session::asio::awaitable<Heard4> say_within(Duration at_most, const Compound4& compound);
    // Until the server is no longer busy. Of what may be said twice: what of it was done before the
    // operation that was not is done again.
    [[nodiscard]] session::asio::awaitable<Heard4> ask(const Compound4& compound);
    // Of DELAY and GRACE. Throws Failure when there was no end of it.
    [[nodiscard]] session::asio::awaitable<void> wait_out(v4::Status4 status, Patience& patience);
    // Nothing is said any more: what waits ends.
    void stop() noexcept { server_.reset(); }

    [[nodiscard]] session::Network& network() const noexcept { return network_; }
    [[nodiscard]] const NfsOptions& options() const noexcept { return options_; }
    [[nodiscard]] const session::rpc::CallOptions& calls() const noexcept { return calls_; }
    [[nodiscard]] std::uint64_t repeated() const noexcept { return server_ ? server_->counters().rpcOutRepeated : 0; }

private:
    session::Network& network_;
    const NfsOptions& options_;
    std::shared_ptr<session::rpc::Client> server_;
    session::rpc::CallOptions calls_;
};

}  // namespace strata::application::nfs::client
