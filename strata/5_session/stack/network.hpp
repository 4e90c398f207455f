// StackNetwork: a Network on our own floors 1-4, in real or in virtual time. Host makes one.
#pragma once

#include <map>
#include <optional>

#include "strata/4_transport/ports.hpp"
#include "strata/4_transport/tcp/options.hpp"
#include "strata/5_session/network.hpp"
#include "strata/5_session/stack/life.hpp"

namespace strata::transport {
class Udp;
}
namespace strata::network {
class Echo;
}

namespace strata::session {

struct StackNetworkOptions {
    transport::tcp::ConnectionOptions connection;
    std::size_t backlog = 128;
    std::map<std::string, IpAddress, std::less<>> names;  // what async_resolve knows beside addresses and "localhost"
    // The calendar at the scheduler's instant zero, if time is virtual; unset, the machine's
    // calendar is used.
    std::optional<std::chrono::system_clock::time_point> epoch;
};

// The floors below must outlive it; what it made may outlive it, and then only fails.
class StackNetwork final : public Network {
public:
    StackNetwork(asio::any_io_executor executor, Scheduler& scheduler, Entropy& entropy, transport::tcp::Tcp& tcp,
                 transport::Udp& udp, network::Echo& echo, StackNetworkOptions options = {});
    ~StackNetwork() override;

    [[nodiscard]] asio::any_io_executor get_executor() const override { return life_->executor; }
    using Network::listen;
    using Network::open_datagram;
    [[nodiscard]] Acceptor listen(const Address& local, error_code& error) override;
    [[nodiscard]] Datagram open_datagram(const Address& local, error_code& error) override;
    [[nodiscard]] Datagram open_shared_datagram(const Address& local, error_code& error) override;
    [[nodiscard]] Echo open_echo(error_code& error) override;
    [[nodiscard]] Prober open_prober(error_code& error) override;
    [[nodiscard]] Timer make_timer() override;
    [[nodiscard]] std::size_t path_mtu(const IpAddress& to) override;
    [[nodiscard]] Instant now() const override;
    [[nodiscard]] std::chrono::system_clock::time_point calendar() const override;
    [[nodiscard]] Entropy& entropy() override { return entropy_; }

    void set_name(const std::string& name, IpAddress address) { options_.names[name] = address; }
    [[nodiscard]] StackNetworkOptions& options() noexcept { return options_; }

protected:
    void start_connect(const Address& remote, ConnectHandler handler) override;
    void start_resolve(const std::string& host, ResolveHandler handler) override;
    void start_name_of(const IpAddress& host, NameHandler handler) override;

private:
    [[nodiscard]] Datagram open_datagram(const Address& local, transport::PortUse use, error_code& error);
    class Connecting;
    std::shared_ptr<StackLife> life_;
    Entropy& entropy_;
    transport::Udp& udp_;
    network::Echo& echo_;
    StackNetworkOptions options_;
    std::map<std::uint64_t, std::unique_ptr<Connecting>> connecting_;  // by number: their order is that of the calls
    std::uint64_t attempts_ = 0;
};

}  // namespace strata::session
