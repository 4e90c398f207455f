// UDP (RFC 768, RFC 1122 4.1): datagrams to a port.
//
// Sockets are connected (one peer; errors reported for it are seen) or not. Each has a bounded
// receive queue; when that is full, arriving datagrams are dropped and counted. Ephemeral ports are
// chosen as RFC 6056 3.3.1 (random) says.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/counters.hpp"
#include "strata/3_network/service.hpp"
#include "strata/4_transport/ports.hpp"
#include "strata/4_transport/udp/memberships.hpp"

namespace strata::transport {

struct UdpOptions {
    std::size_t receive_bytes_max = 256 << 10;  // a socket: payload that waits to be read
    std::size_t receive_count_max = 1024;
    std::size_t sockets_max = 65536;
    std::size_t memberships_max = 20;  // groups that one socket has joined
    PortRange ephemeral_ports;
    bool checksum = true;  // of what we send; RFC 768 allows none over IPv4
};

// RFC 4113.
#define STRATA_UDP_COUNTERS(counter)                                                   \
    counter(udpInDatagrams, "datagrams given to a socket");                            \
    counter(udpNoPorts, "nobody listens on the port");                                 \
    counter(udpInErrors, "dropped for another reason");                                \
    counter(udpInChecksumErrors, "wrong checksum");                                    \
    counter(udpRcvbufErrors, "dropped: the socket's queue is full");                   \
    counter(udpIgnoredErrors, "ICMP errors for no socket, or for one without a peer"); \
    counter(udpUnwanted, "waited when their socket was given another peer");           \
    counter(udpOutDatagrams, "datagrams sent");                                        \
    counter(udpOutErrors, "datagrams that could not be sent");

STRATA_COUNTERS(UdpCounters, STRATA_UDP_COUNTERS);

class Udp;
struct UdpHeader;

class UdpSocketUser {
public:
    virtual ~UdpSocketUser() = default;
    virtual void readable() = 0;  // a datagram waits, or an error does
    // ICMP says that a datagram to the peer did not arrive: instead of readable(), for whoever
    // wants to know who says so. May close the socket.
    virtual void failed(const network::ErrorReport& report) {
        (void)report;
        readable();
    }
};

// Owned by its opener; closing is destroying. The Udp it came from must outlive it.
class UdpSocket {
public:
    UdpSocket(const UdpSocket&) = delete;
    UdpSocket& operator=(const UdpSocket&) = delete;
    ~UdpSocket();

    [[nodiscard]] Endpoint local() const noexcept { return local_; }
    // The peer if connected.
    [[nodiscard]] std::optional<Endpoint> remote() const noexcept { return remote_; }
    // Takes datagrams from this peer alone, and is told when ICMP says they do not arrive.
    [[nodiscard]] std::error_code connect(const Endpoint& remote);
    void set_broadcast(bool allowed) noexcept { broadcast_ = allowed; }
    // Of what is sent from now on: TTL or hop limit, DSCP and ECN (RFC 2474, RFC 3168), and whether
    // it may be fragmented.
    void set_ttl(std::uint8_t ttl) noexcept { send_options_.ttl = ttl; }
    void set_traffic_class(std::uint8_t traffic_class) noexcept { send_options_.traffic_class = traffic_class; }
    void set_fragmentation(network::Fragmentation how) noexcept { send_options_.fragmentation = how; }
    // Groups to receive from, see Memberships::request(); nothing arrives from a group without it.
    [[nodiscard]] std::error_code request(GroupRequest what, const IpAddress& group, const IpAddress& source = {},
                                          const IpAddress& interface = {}) {
        return memberships_.request(what, group, source, interface);
    }
    // Of what is sent to groups (RFC 1112 6.1): their TTL or hop limit, whether we receive it
    // ourselves where we have joined, and from which of our addresses and through whose interface
    // it leaves; any(): what the route says. Errors: address_not_available (not ours),
    // invalid_argument (not the address that the socket is bound to).
    void set_multicast_ttl(std::uint8_t ttl) noexcept { multicast_ttl_ = ttl; }
    void set_multicast_loop(bool loop) noexcept { send_options_.loop = loop; }
    [[nodiscard]] std::error_code set_multicast_interface(const IpAddress& own);
    // From now on it hears what arrives at this interface alone, and sends through it alone: to
    // everybody also before the interface has an address. Errors: address_not_available (no
    // interface has that name).
    [[nodiscard]] std::error_code bind_to_interface(std::string_view name);
    void set_user(UdpSocketUser* user) noexcept { user_ = user; }

    // Sends to `to`, or to the peer. Errors: message_too_long, no_route, not_connected, would_block
    // (the link is full), not allowed to broadcast (invalid_argument), and one pending error of an
    // earlier datagram (port_unreachable …).
    [[nodiscard]] Result<std::size_t> send(Bytes payload, std::optional<Endpoint> to = {});
    // The MTU that the latest datagram had to fit into, or that the peer's next one will have to:
    // the path's, or, where that is probed, the link's. 0: nothing was sent, and there is no peer.
    [[nodiscard]] std::size_t mtu() const noexcept { return path_ ? packet_max() : 0; }

    struct Received {
        std::size_t size = 0;       // bytes copied
        std::size_t full_size = 0;  // bytes the datagram had: more than `size` if `to` was too small (the rest is lost)
        Endpoint from;
    };
    // Takes the next datagram. Errors: would_block, or a pending error, once.
    [[nodiscard]] Result<Received> receive(MutableBytes to);
    [[nodiscard]] bool readable() const noexcept { return !queue_.empty() || pending_error_; }

private:
    friend class Udp;
    struct Waiting {
        Endpoint from;
        Packet payload;
    };
    UdpSocket(Udp& udp, const Endpoint& local, PortUse use);
    [[nodiscard]] IpAddress source_for(const IpAddress& destination) const noexcept;
    [[nodiscard]] bool hears(std::optional<std::uint32_t> interface) const noexcept {
        return !interface_ || !interface || *interface_ == *interface;
    }
    [[nodiscard]] Result<network::Path> path_for(const IpAddress& destination) const;
    [[nodiscard]] bool wants(const Endpoint& from, const network::Arrival& arrival) const noexcept;
    [[nodiscard]] std::error_code send_to(Bytes payload, const Endpoint& to);
    [[nodiscard]] Packet make_datagram(Bytes payload, const Endpoint& to) const;
    [[nodiscard]] bool may_be_cut() const noexcept {
        return send_options_.fragmentation != network::Fragmentation::forbidden &&
               send_options_.fragmentation != network::Fragmentation::probing;
    }
    [[nodiscard]] std::size_t packet_max() const noexcept {
        return send_options_.fragmentation == network::Fragmentation::probing ? path_->link_mtu : path_->mtu;
    }
    [[nodiscard]] std::size_t longest_packet() const noexcept;
    [[nodiscard]] bool sends_to(const IpAddress& destination) const noexcept {
        return path_ && path_->destination == destination;
    }
    bool queue(const Endpoint& from, Packet payload);
    void tell_user();
    void failed(const network::ErrorReport& report);

    Udp* udp_;
    Endpoint local_;
    PortUse use_;
    std::optional<std::uint32_t> interface_;  // that it is bound to
    std::optional<Endpoint> remote_;
    std::optional<network::Path> path_;  // to the last destination
    UdpSocketUser* user_ = nullptr;
    std::deque<Waiting> queue_;
    std::size_t queued_bytes_ = 0;
    std::error_code pending_error_;
    bool broadcast_ = false;
    Memberships memberships_;
    IpAddress multicast_interface_;
    std::uint8_t multicast_ttl_ = 1;  // RFC 1112 6.1: not beyond this link unless one says so
    network::SendOptions send_options_{.protocol = network::Protocol::udp,
                                       .fragmentation = network::Fragmentation::when_needed};
};

class Udp final : public network::User {
public:
    Udp(Context context, network::Service& network, UdpOptions options = {});
    ~Udp() override;

    // A socket on `local`; address any() takes datagrams for all our addresses, port 0 chooses one.
    // Errors: address_in_use, address_not_available, limit_reached (too many sockets).
    [[nodiscard]] Result<std::unique_ptr<UdpSocket>> open(const Endpoint& local, PortUse use = PortUse::alone);

    [[nodiscard]] const UdpCounters& counters() const noexcept { return counters_; }

    // network::User
    void deliver(Packet packet, const network::Arrival& arrival) override;
    void burst_ended() override {}
    void error(const network::ErrorReport& report) override;
    void writable() override {}

private:
    friend class UdpSocket;
    [[nodiscard]] bool in_use(const Endpoint& local, PortUse use) const;
    [[nodiscard]] bool is_open(const UdpSocket* socket, PortNumber port) const;
    [[nodiscard]] Result<PortNumber> choose_port(const IpAddress& address);
    [[nodiscard]] UdpSocket* best_match(const Endpoint& local, const Endpoint& remote,
                                        std::optional<std::uint32_t> interface = {}) const;
    void deliver_to_all(Packet packet, const Endpoint& remote, PortNumber port, const network::Arrival& arrival);
    void nobody_listens(Packet packet, const network::Arrival& arrival);
    [[nodiscard]] static bool checksum_verified(const Packet& packet, const UdpHeader& header,
                                                const network::Arrival& arrival);
    static void fill_in_checksum(Packet& packet, const network::Arrival& arrival);
    void drop(const Packet& packet, CounterOf<UdpCounters> counter);

    Context context_;
    network::Service& network_;
    UdpOptions options_;
    UdpCounters counters_;
    std::unordered_multimap<std::uint16_t, UdpSocket*> sockets_;  // by local port
};

}  // namespace strata::transport
