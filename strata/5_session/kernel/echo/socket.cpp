#include "strata/5_session/kernel/echo/socket.hpp"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <utility>

#include "strata/0_foundation/checksum.hpp"
#include "strata/3_network/ipv4/header_options.hpp"
#include "strata/5_session/asio/error.hpp"
#include "strata/5_session/echo/icmp_words.hpp"
#include "strata/5_session/kernel/address.hpp"
#include "strata/5_session/kernel/ip_options.hpp"

namespace strata::session::kernel {
namespace {

constexpr std::size_t icmp_header_size = 8;
constexpr std::size_t ipv4_header_size_min = 20;

void set_option(int descriptor, int level, int name, int value) noexcept {
    ::setsockopt(descriptor, level, name, &value, sizeof value);
}

// Whether this machine sends it to everybody of a subnet: the kernel then wants SO_BROADCAST before
// it lets a socket connect (ip(7)).
bool is_broadcast(const IpAddress& destination) {
    const int probe = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (probe < 0) return false;
    sockaddr_storage to{};
    constexpr std::uint16_t discard = 9;  // no datagram is sent; a port other than 0 is asked for
    const auto size = static_cast<socklen_t>(store(Address{destination, discard}, AF_INET, to));
    const auto connects = [&] { return ::connect(probe, reinterpret_cast<const sockaddr*>(&to), size) == 0; };
    const bool refused = !connects() && errno == EACCES;  // so does a route that prohibits
    if (refused) set_option(probe, SOL_SOCKET, SO_BROADCAST, 1);
    const bool broadcast = refused && connects();
    ::close(probe);
    return broadcast;
}

}  // namespace

// A receive call's buffers: the message, its sender, and the kernel's ancillary data.
struct EchoSocket::Envelope {
    std::array<std::byte, 65536> bytes;
    sockaddr_storage address{};
    alignas(cmsghdr) std::array<char, 512> control{};
    iovec vector{};
    msghdr header{};

    [[nodiscard]] ssize_t receive(int descriptor, int flags) {
        vector = {bytes.data(), bytes.size()};
        header = {};
        header.msg_name = &address;
        header.msg_namelen = sizeof address;
        header.msg_iov = &vector;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        return ::recvmsg(descriptor, &header, flags | MSG_DONTWAIT);
    }
    // The sender; of an error, where the request was sent.
    [[nodiscard]] IpAddress host() const {
        const Address loaded = load(&address, header.msg_namelen);
        return loaded.is_unix() ? IpAddress{} : loaded.endpoint().address;
    }
    [[nodiscard]] const cmsghdr* find(int v4_type, int v6_type) {
        for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
            const bool v4 = item->cmsg_level == IPPROTO_IP && item->cmsg_type == v4_type;
            const bool v6 = item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == v6_type;
            if (v4 || v6) return item;
        }
        return nullptr;
    }
    [[nodiscard]] std::uint8_t ttl() {
        const cmsghdr* const item = find(IP_TTL, IPV6_HOPLIMIT);
        int value = 0;
        if (item != nullptr) std::memcpy(&value, CMSG_DATA(item), sizeof value);
        return static_cast<std::uint8_t>(value);
    }
    [[nodiscard]] std::vector<IpAddress> route() {
        const cmsghdr* const item = find(IP_RECVOPTS, -1);
        if (item == nullptr) return {};
        const auto* data = reinterpret_cast<const std::byte*>(CMSG_DATA(item));
        const auto options = network::HeaderOptions::parse({data, item->cmsg_len - CMSG_LEN(0)});
        return options && options->record_route ? network::recorded_addresses(*options->record_route)
                                                : std::vector<IpAddress>{};
    }
    // The ICMP error, and the router or host that sent it.
    [[nodiscard]] std::optional<EchoFailure> error() {
        const cmsghdr* const item = find(IP_RECVERR, IPV6_RECVERR);
        if (item == nullptr) return std::nullopt;
        std::array<std::byte, sizeof(sock_extended_err) + sizeof(sockaddr_in6)> copy{};
        std::memcpy(copy.data(), CMSG_DATA(item), std::min<std::size_t>(copy.size(), item->cmsg_len - CMSG_LEN(0)));
        sock_extended_err said{};
        std::memcpy(&said, copy.data(), sizeof said);
        EchoFailure failure;
        failure.destination = host();
        failure.error = error_code(static_cast<int>(said.ee_errno), boost::system::system_category());
        if (said.ee_errno == EMSGSIZE) failure.mtu = said.ee_info;
        const Address offender = load(copy.data() + sizeof said, copy.size() - sizeof said);
        if (!offender.is_unix()) failure.from = offender.endpoint().address;
        const bool by_icmp = said.ee_origin == SO_EE_ORIGIN_ICMP || said.ee_origin == SO_EE_ORIGIN_ICMP6;
        if (by_icmp) failure.icmp = {.type = said.ee_type, .code = said.ee_code};
        if (said.ee_origin == SO_EE_ORIGIN_ICMP) failure.said = icmp_words(said.ee_type, said.ee_code);
        if (said.ee_origin == SO_EE_ORIGIN_ICMP6) failure.said = icmpv6_words(said.ee_type, said.ee_code);
        return failure;
    }
};

EchoSocket::EchoSocket(bool v6, std::uint16_t identifier, error_code& error) : v6_(v6), identifier_(identifier) {
    const int family = v6 ? AF_INET6 : AF_INET;
    const int protocol = v6 ? static_cast<int>(IPPROTO_ICMPV6) : static_cast<int>(IPPROTO_ICMP);
    descriptor_ = ::socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (descriptor_ < 0) {
        descriptor_ = ::socket(family, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
        raw_ = true;
    }
    if (descriptor_ < 0) {
        error = errno == EPERM || errno == EACCES ? error_code(asio::error::access_denied) : last_error();
        return;
    }
    // A caller that asks a broadcast address means it.
    set_option(descriptor_, SOL_SOCKET, SO_BROADCAST, 1);
    set_option(descriptor_, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, 1);
    set_option(descriptor_, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1);
    envelope_ = std::make_unique<Envelope>();
    if (!raw_) learn_identifier(error);
}

// A ping socket's port is its identifier (icmp(7)); the kernel chooses it now, so that errors can
// be compared with it.
void EchoSocket::learn_identifier(error_code& error) {
    sockaddr_storage address{};
    address.ss_family = v6_ ? AF_INET6 : AF_INET;
    socklen_t size = v6_ ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        error = last_error();
        return;
    }
    identifier_ = number_of(load(&address, size).endpoint().port);
}

EchoSocket::~EchoSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

// The options stay with the socket; those of answers come beside them (ip(7)).
error_code EchoSocket::record_route(bool on) {
    if (v6_ || std::exchange(records_route_, on) == on) return {};
    const network::OptionBytes route = on ? network::empty_record_route() : network::OptionBytes{};
    set_option(descriptor_, IPPROTO_IP, IP_RECVOPTS, on ? 1 : 0);
    const auto size = static_cast<socklen_t>(route.size);
    return ::setsockopt(descriptor_, IPPROTO_IP, IP_OPTIONS, route.storage.data(), size) == 0 ? error_code{}
                                                                                              : last_error();
}

error_code EchoSocket::send(const EchoRequest& request, Bytes payload) {
    if (const error_code error = record_route(request.record_route)) return error;
    set_option(descriptor_, v6_ ? IPPROTO_IPV6 : IPPROTO_IP, v6_ ? IPV6_UNICAST_HOPS : IP_TTL, request.ttl);
    if (std::exchange(fragmentation_, request.fragmentation) != request.fragmentation) {
        if (const error_code error = set_fragmentation_of(descriptor_, request.fragmentation)) return error;
    }
    std::vector<std::byte> message(icmp_header_size + payload.size());
    store_u8(message.data(), v6_ ? std::uint8_t{ICMP6_ECHO_REQUEST} : std::uint8_t{ICMP_ECHO});
    store_be16(message.data() + 4, identifier_);
    store_be16(message.data() + 6, request.sequence);
    if (!payload.empty()) std::memcpy(message.data() + icmp_header_size, payload.data(), payload.size());
    // ICMPv6's checksum is the kernel's business (RFC 3542 3.1).
    if (!v6_) store_be16(message.data() + 2, internet_checksum(message));
    sockaddr_storage to{};
    const std::size_t size = store(Address{request.destination, 0}, v6_ ? AF_INET6 : AF_INET, to);
    const auto sent = [&] {
        return ::sendto(descriptor_, message.data(), message.size(), MSG_NOSIGNAL,
                        reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(size)) >= 0;
    };
    // The first error may be an earlier request's, which the kernel reports at the next call; it is
    // in the error queue too.
    if (sent()) return {};
    return sent() ? error_code{} : last_error();
}

bool EchoSocket::is_non_unicast(const IpAddress& destination) {
    if (!audience_ || audience_->first != destination)
        audience_ = {destination, destination.is_multicast() || (destination.is_v4() && is_broadcast(destination))};
    return audience_->second;
}

std::optional<EchoSocket::Arrival> EchoSocket::receive() {
    for (int skipped = 0; skipped < messages_a_turn_max; ++skipped) {
        bool no_error = false;
        if (auto arrival = receive_error(no_error)) return arrival;
        bool no_answer = false;
        if (auto arrival = receive_answer(no_answer)) return arrival;
        if (no_error && no_answer) break;
    }
    return std::nullopt;
}

// The queue holds the request as the error repeats it, from its ICMP header on, and the address it
// was sent to.
std::optional<EchoSocket::Arrival> EchoSocket::receive_error(bool& empty) {
    const ssize_t count = envelope_->receive(descriptor_, MSG_ERRQUEUE);
    empty = count < 0;
    if (count < static_cast<ssize_t>(icmp_header_size)) return std::nullopt;
    const Bytes request{envelope_->bytes.data(), static_cast<std::size_t>(count)};
    if (load_u8(request.data()) != (v6_ ? std::uint8_t{ICMP6_ECHO_REQUEST} : std::uint8_t{ICMP_ECHO}) ||
        load_be16(request.data() + 4) != identifier_)
        return std::nullopt;
    auto failure = envelope_->error();
    if (!failure) return std::nullopt;
    failure->sequence = load_be16(request.data() + 6);
    return Arrival{.answer = std::nullopt, .failure = std::move(failure)};
}

std::optional<EchoSocket::Arrival> EchoSocket::receive_answer(bool& empty) {
    const ssize_t count = envelope_->receive(descriptor_, 0);
    // An error other than EAGAIN was announced by an ICMP message that has its own place in the
    // error queue.
    empty = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (count < 0) return std::nullopt;
    const Bytes message = without_ip_header({envelope_->bytes.data(), static_cast<std::size_t>(count)});
    if (message.size() < icmp_header_size ||
        load_u8(message.data()) != (v6_ ? std::uint8_t{ICMP6_ECHO_REPLY} : std::uint8_t{ICMP_ECHOREPLY}) ||
        load_be16(message.data() + 4) != identifier_)
        return std::nullopt;
    const EchoAnswer answer{envelope_->host(), load_be16(message.data() + 6), envelope_->ttl(),
                            message.subspan(icmp_header_size), envelope_->route()};
    return Arrival{.answer = answer, .failure = std::nullopt};
}

// A raw IPv4 socket gives the IP header as well (raw(7)).
Bytes EchoSocket::without_ip_header(Bytes message) const {
    if (!raw_ || v6_) return message;
    if (message.size() < ipv4_header_size_min) return {};
    const std::size_t header_size = (load_u8(message.data()) & 0x0fu) * 4u;
    return message.size() < header_size ? Bytes{} : message.subspan(header_size);
}

}  // namespace strata::session::kernel
