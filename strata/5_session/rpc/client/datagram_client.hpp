// DatagramClient: calls in datagrams (RFC 5531 5), each sent again, with the same xid, further and
// further apart until its reply comes. Replies are heard from the server's address alone.
#pragma once

#include "strata/5_session/rpc/client/client.hpp"

namespace strata::session::rpc {

struct DatagramClientOptions {
    std::size_t calls_at_once_max = 64;  // further calls fail with too_many_calls
    Duration repeat_first = 500ms;       // then twice as long each time
    Duration repeat_pause_max = 8s;
    std::size_t datagram_call_max = 65507;
};

class DatagramClient final : public Client {
public:
    using Options = DatagramClientOptions;
    // Opens a socket of the network, which outlives it. Throws what opening one fails with. Where
    // nobody listens and the network says so, calls fail with connection_refused.
    DatagramClient(Network& network, const Address& server, const Options& options = {});
    ~DatagramClient() override;
    [[nodiscard]] const RpcClientCounters& counters() const noexcept override;

protected:
    [[nodiscard]] asio::awaitable<Results> start(const Target& target, Body arguments,
                                                 const CallOptions& options) override;

private:
    class Link;
    std::shared_ptr<Link> link_;
};

}  // namespace strata::session::rpc
