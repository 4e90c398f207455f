// KernelNetwork: a Network on the operating system's sockets: AF_INET, AF_INET6 and AF_UNIX,
// streams and datagrams.
//
// One among two (the other is StackNetwork), so that every application of floor 7 can be held
// against the kernel's own TCP/IP. It runs on an Asio event loop, which must outlive it and all
// that it made.
//
//   listen([::])                 takes IPv4 as well (RFC 3493 5.3); IPv4 peers show themselves as IPv4 addresses
//   listen(unix:PATH)            replaces a socket file nobody answers on, and removes its own at the end
//   open_datagram(unix:)         an empty path: the kernel chooses an abstract name, so that answers
//                                find their way back
//   open_echo()                  a ping socket (SOCK_DGRAM, IPPROTO_ICMP); as root, where those are
//                                switched off, a raw one
//   open_prober()                UDP and TCP sockets whose errors are read from their error queues
//                                (ip(7), IP_RECVERR): no rights are needed
#pragma once

#include <memory>

#include "strata/5_session/network.hpp"

namespace boost::asio {
class io_context;
}

namespace strata::session {

struct KernelNetworkOptions {
    int backlog = 1024;
    // Others that say so as well may listen, or have a datagram socket, at a port that was named:
    // the kernel shares the clients out (SO_REUSEPORT of socket(7)).
    bool reuse_port = false;
};

class KernelNetwork final : public Network {
public:
    using Options = KernelNetworkOptions;
    explicit KernelNetwork(asio::io_context& io, Options options = {});
    KernelNetwork(const KernelNetwork&) = delete;
    KernelNetwork& operator=(const KernelNetwork&) = delete;
    ~KernelNetwork() override;

    [[nodiscard]] asio::any_io_executor get_executor() const override;
    using Network::listen;
    using Network::open_datagram;
    [[nodiscard]] Acceptor listen(const Address& local, error_code& error) override;
    [[nodiscard]] Datagram open_datagram(const Address& local, error_code& error) override;
    [[nodiscard]] Datagram open_shared_datagram(const Address& local, error_code& error) override;
    // Error: access_denied, if the machine grants neither kind of socket to this user.
    [[nodiscard]] Echo open_echo(error_code& error) override;
    [[nodiscard]] Prober open_prober(error_code& error) override;
    [[nodiscard]] Timer make_timer() override;
    [[nodiscard]] std::size_t path_mtu(const IpAddress& to) override;
    [[nodiscard]] Instant now() const override;
    [[nodiscard]] std::chrono::system_clock::time_point calendar() const override;
    [[nodiscard]] Entropy& entropy() override { return entropy_; }

protected:
    void start_connect(const Address& remote, ConnectHandler handler) override;
    void start_resolve(const std::string& host, ResolveHandler handler) override;
    void start_name_of(const IpAddress& host, NameHandler handler) override;

private:
    asio::io_context& io_;
    Options options_;
    KernelEntropy entropy_;
};

}  // namespace strata::session
