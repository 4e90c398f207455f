// StreamClient: calls over a connection (RFC 5531 11), which is made with the first call, and again
// when it was lost. Calls without a reply are then sent again, with the same xid: what a server
// must not do twice it knows by that.
#pragma once

#include "strata/5_session/rpc/client/client.hpp"

namespace strata::session::rpc {

struct StreamClientOptions {
    RecordOptions record{};              // of replies; a call is no longer either
    std::size_t calls_at_once_max = 64;  // further calls fail with too_many_calls
    // Between two connections: twice as long each time, until a reply has come.
    Duration reconnect_first = 100ms;
    Duration reconnect_pause_max = 10s;
    // Calls wait, and nothing comes: the server may have forgotten the connection.
    Duration silence_timeout = 60s;
    // The server takes no more of what is sent to it.
    Duration send_timeout = 60s;
};

class StreamClient final : public Client {
public:
    using Options = StreamClientOptions;
    // The network outlives it. A server that was never reached is not tried again: the calls fail
    // with what the network said.
    StreamClient(Network& network, Address server, const Options& options = {});
    ~StreamClient() override;
    [[nodiscard]] const RpcClientCounters& counters() const noexcept override;

protected:
    [[nodiscard]] asio::awaitable<Results> start(const Target& target, Body arguments,
                                                 const CallOptions& options) override;

private:
    class Link;
    std::shared_ptr<Link> link_;
};

}  // namespace strata::session::rpc
