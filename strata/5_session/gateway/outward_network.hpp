// OutwardNetwork: a network inside the process whose conversations and datagrams may lead out of
// it. It is the inner network in all but this: a conversation with an address that is not inside is
// begun outside, and a gateway carries it in through the front host, over the cable; datagrams to
// such an address go the same way, by an OutwardRelay.
//
//     inner ═══ cable ═══ front ── Gateway ── outside (this machine's network)
//
// Names are those that the outside knows. Echoes and probes stay inside.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>

#include "strata/5_session/gateway/gateway.hpp"
#include "strata/5_session/gateway/outward_relay.hpp"

namespace strata::session {

class OutwardNetwork final : public Network {
public:
    // All outlive it, and run on one event loop. `inside` are the addresses that the inner network
    // reaches by itself; `front_address` is where the front can be met by it. `gateway` is one
    // between the outside and the front.
    OutwardNetwork(Network& inner, Network& front, Network& outside, Gateway& gateway, IpPrefix inside,
                   IpAddress front_address, OutwardRelayOptions datagrams = {});

    [[nodiscard]] asio::any_io_executor get_executor() const override;
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
    [[nodiscard]] Entropy& entropy() override;
    [[nodiscard]] const OutwardRelay& relay() const noexcept { return relay_; }

protected:
    void start_connect(const Address& remote, ConnectHandler handler) override;
    void start_resolve(const std::string& host, ResolveHandler handler) override;
    void start_name_of(const IpAddress& host, NameHandler handler) override;

private:
    struct Sides {
        Network& inner;
        Network& front;
        Network& outside;
        Gateway& gateway;
        IpPrefix inside;
        IpAddress front_address;
    };
    struct Attempt;
    static asio::awaitable<void> connect_outward(Sides sides, Address remote, std::shared_ptr<Attempt> attempt);
    Sides sides_;
    OutwardRelay relay_;
};

}  // namespace strata::session
