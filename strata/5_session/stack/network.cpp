#include "strata/5_session/stack/network.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>

#include "strata/4_transport/tcp/tcp.hpp"
#include "strata/4_transport/udp/udp.hpp"
#include "strata/5_session/asio/error.hpp"
#include "strata/5_session/asio/waiting.hpp"
#include "strata/5_session/stack/acceptor.hpp"
#include "strata/5_session/stack/datagram.hpp"
#include "strata/5_session/stack/echo.hpp"
#include "strata/5_session/stack/prober.hpp"
#include "strata/5_session/stack/stream.hpp"
#include "strata/5_session/stack/timer.hpp"

namespace strata::session {

// An active open that is under way.
class StackNetwork::Connecting final : public transport::tcp::ConnectionUser {
public:
    Connecting(StackNetwork& network, std::uint64_t number, ConnectHandler handler)
        : network_(network), number_(number) {
        waiting_.start(std::move(handler), [this] { finish(asio::error::operation_aborted); });
    }
    ~Connecting() override {
        waiting_.abort();
        if (connection_ != nullptr) network_.life_->tcp.release(connection_);
    }
    void start(const Endpoint& remote) {
        auto opened = network_.life_->tcp.connect(remote, this, network_.options_.connection);
        if (!opened) return finish(to_asio(opened.error()));
        connection_ = *opened;
    }
    void connected() override {
        waiting_.complete({}, stack::make_stream(network_.life_, std::exchange(connection_, nullptr)));
        network_.connecting_.erase(number_);  // and with it, us
    }
    void closed(std::error_code error) override {
        finish(error ? to_asio(error) : error_code{asio::error::connection_aborted});
    }

private:
    void finish(error_code error) {
        waiting_.complete(error, Stream{});
        network_.connecting_.erase(number_);
    }
    StackNetwork& network_;
    std::uint64_t number_;
    Waiting<ConnectHandler> waiting_;
    transport::tcp::Connection* connection_ = nullptr;
};

StackNetwork::StackNetwork(asio::any_io_executor executor, Scheduler& scheduler, Entropy& entropy,
                           transport::tcp::Tcp& tcp, transport::Udp& udp, network::Echo& echo,
                           StackNetworkOptions options)
    : life_(std::make_shared<StackLife>(std::move(executor), scheduler, tcp, options.epoch.has_value())),
      entropy_(entropy),
      udp_(udp),
      echo_(echo),
      options_(std::move(options)) {}

StackNetwork::~StackNetwork() {
    connecting_.clear();
    life_->abandon_all();
}

void StackNetwork::start_connect(const Address& remote, ConnectHandler handler) {
    if (remote.is_unix()) return handler.complete(asio::error::address_family_not_supported, Stream{});
    life_->scheduler.update();
    const std::uint64_t number = ++attempts_;
    auto owned = std::make_unique<Connecting>(*this, number, std::move(handler));
    Connecting* attempt = owned.get();
    connecting_.emplace(number, std::move(owned));
    attempt->start(remote.endpoint());
}

void StackNetwork::start_resolve(const std::string& host, ResolveHandler handler) {
    std::vector<IpAddress> found;
    if (const auto address = IpAddress::parse(host)) {
        found.push_back(*address);
    } else if (const auto named = options_.names.find(host); named != options_.names.end()) {
        found.push_back(named->second);
    } else if (host == "localhost") {
        found.emplace_back(Ipv4Address::loopback());
    }
    const error_code error = found.empty() ? error_code{asio::error::host_not_found} : error_code{};
    handler.complete(error, std::move(found));
}

void StackNetwork::start_name_of(const IpAddress& host, NameHandler handler) {
    const auto named = std::ranges::find(options_.names, host, &std::pair<const std::string, IpAddress>::second);
    if (named != options_.names.end()) return handler.complete({}, named->first);
    if (host.is_loopback()) return handler.complete({}, "localhost");
    handler.complete(asio::error::host_not_found, {});
}

Acceptor StackNetwork::listen(const Address& local, error_code& error) {
    error = asio::error::address_family_not_supported;
    if (local.is_unix()) return {};
    transport::tcp::ListenOptions options;
    options.backlog = options_.backlog;
    options.syn_queue_max = 2 * options_.backlog;
    options.connection = options_.connection;
    auto listener = life_->tcp.listen(local.endpoint(), options);
    error = listener ? error_code{} : to_asio(listener.error());
    if (error) return {};
    return stack::make_acceptor(life_, std::move(*listener));
}

Datagram StackNetwork::open_datagram(const Address& local, error_code& error) {
    return open_datagram(local, transport::PortUse::alone, error);
}

Datagram StackNetwork::open_shared_datagram(const Address& local, error_code& error) {
    return open_datagram(local, transport::PortUse::shared, error);
}

Datagram StackNetwork::open_datagram(const Address& local, transport::PortUse use, error_code& error) {
    error = asio::error::address_family_not_supported;
    if (local.is_unix()) return {};
    auto socket = udp_.open(local.endpoint(), use);
    error = socket ? error_code{} : to_asio(socket.error());
    if (error) return {};
    return stack::make_datagram(life_, std::move(*socket));
}

Echo StackNetwork::open_echo(error_code& error) {
    error = {};
    return stack::make_echo(life_, echo_, entropy_);
}

Prober StackNetwork::open_prober(error_code& error) {
    error = {};
    return stack::make_prober(life_, udp_, entropy_, options_.connection);
}

Timer StackNetwork::make_timer() { return stack::make_timer(life_); }

std::size_t StackNetwork::path_mtu(const IpAddress& to) {
    const IpAddress any = to.is_v4() ? IpAddress{Ipv4Address::any()} : IpAddress{Ipv6Address{}};
    const auto socket = udp_.open({any, PortNumber{0}});
    constexpr PortNumber discard{9};
    return socket && !(*socket)->connect({to, discard}) ? (*socket)->mtu() : 0;
}

Instant StackNetwork::now() const {
    life_->scheduler.update();
    return life_->scheduler.now();
}

std::chrono::system_clock::time_point StackNetwork::calendar() const {
    if (!options_.epoch) return std::chrono::system_clock::now();
    return *options_.epoch + std::chrono::duration_cast<std::chrono::system_clock::duration>(now().time_since_epoch());
}

}  // namespace strata::session
