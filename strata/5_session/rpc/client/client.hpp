// rpc::Client: calls procedures of a program (RFC 5531), over a stream or datagrams. Many calls may
// wait at a time, and their replies come in any order.
//
//     rpc::StreamClient client(network, server);
//     rpc::Body arguments = ...;                        // a named object: GCC 12 spoils a temporary
//     const rpc::Results results = co_await client.call({100003, 3, 1}, std::move(arguments));
//
// 6_presentation/xdr/rpc_form.hpp makes arguments and results of values.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "strata/5_session/rpc/client/counters.hpp"
#include "strata/5_session/rpc/client/waiting_call.hpp"

namespace strata::session::rpc {

struct CallOptions {
    Duration timeout = 30s;  // until the reply; across repetitions, and new connections
    Credentials credentials{};
};

class Client {
public:
    Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    virtual ~Client() = default;  // calls that wait end with operation_aborted

    // Throws boost::system::system_error: an Errc that says how the server refused it, timed_out,
    // or what the network said. Cancelling ends the waiting: the server may do it all the same.
    [[nodiscard]] asio::awaitable<Results> call(const Target& target, Body arguments) {
        return start(target, std::move(arguments), CallOptions{});
    }
    [[nodiscard]] asio::awaitable<Results> call(const Target& target, Body arguments, const CallOptions& options) {
        return start(target, std::move(arguments), options);
    }
    [[nodiscard]] virtual const RpcClientCounters& counters() const noexcept = 0;

protected:
    [[nodiscard]] virtual asio::awaitable<Results> start(const Target& target, Body arguments,
                                                         const CallOptions& options) = 0;
};

}  // namespace strata::session::rpc
