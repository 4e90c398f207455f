// rpc::Server: offers programs (RFC 5531), several at one port, over TCP and UDP alike.
//
//     rpc::Server server(network);
//     server.add(std::make_shared<Calculator>());         // derives from rpc::Program
//     server.start({Ipv4Address{}, 2049}, error);
//
// Calls are answered in the order in which they are done. What strangers can fill has its bound in
// ServerOptions.
#pragma once

#include "strata/5_session/network.hpp"
#include "strata/5_session/rpc/server/counters.hpp"
#include "strata/5_session/rpc/server/options.hpp"
#include "strata/5_session/rpc/server/program.hpp"

namespace strata::session::rpc {

class Server {
public:
    using Options = ServerOptions;
    // The network outlives it, and the calls that are being done when it ends.
    explicit Server(Network& network, const Options& options = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();  // as abort()

    // In place of one with its number.
    void add(std::shared_ptr<Program> program);
    // Opens the port for connections and datagrams; a Unix path for connections alone. Returns
    // where: a port 0 is chosen, the same for both. Errors: those of listening and opening there.
    [[nodiscard]] Address start(const Address& at, error_code& error);
    void start(Acceptor acceptor);
    void start(Datagram socket);
    // Takes no more calls; those that are here get their replies.
    void stop();
    // Cuts off what is still there. Procedures that have begun are done to their end.
    void abort();
    // How many connections there are.
    [[nodiscard]] std::size_t active() const noexcept;
    [[nodiscard]] const RpcServerCounters& counters() const noexcept;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace strata::session::rpc
