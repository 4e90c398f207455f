#include "strata/5_session/echo_socket.hpp"

#include <linux/errqueue.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/error.hpp>
#include <cerrno>

#include "strata/0_foundation/checksum.hpp"
#include "strata/5_session/kernel_address.hpp"

namespace strata::session::kernel {
namespace {

constexpr std::size_t icmp_header_size = 8;
constexpr std::size_t ipv4_header_size_min = 20;

error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

void set_option(int descriptor, int level, int name, int value) noexcept {
    ::setsockopt(descriptor, level, name, &value, sizeof value);
}

// A receive call's buffers: the message, who sent it, and what the kernel says beside it.
struct Envelope {
    std::array<std::byte, 65536> bytes;
    sockaddr_storage from{};
    alignas(cmsghdr) std::array<char, 512> control{};
    iovec vector{};
    msghdr header{};

    [[nodiscard]] ssize_t receive(int descriptor, int flags) {
        vector = {bytes.data(), bytes.size()};
        header = {};
        header.msg_name = &from;
        header.msg_namelen = sizeof from;
        header.msg_iov = &vector;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
        return ::recvmsg(descriptor, &header, flags | MSG_DONTWAIT);
    }
    [[nodiscard]] IpAddress sender() const { return load(&from, header.msg_namelen).endpoint().address; }
    [[nodiscard]] std::uint8_t ttl() {
        for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
            const bool v4 = item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_TTL;
            const bool v6 = item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_HOPLIMIT;
            if (!v4 && !v6) continue;
            int value = 0;
            std::memcpy(&value, CMSG_DATA(item), sizeof value);
            return static_cast<std::uint8_t>(value);
        }
        return 0;
    }
    // The ICMP error, and the router or host that sent it.
    [[nodiscard]] std::optional<EchoSocket::Arrival> extended_error() {
        for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
            const bool v4 = item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_RECVERR;
            const bool v6 = item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_RECVERR;
            if (!v4 && !v6) continue;
            std::array<std::byte, sizeof(sock_extended_err) + sizeof(sockaddr_in6)> copy{};
            std::memcpy(copy.data(), CMSG_DATA(item), std::min<std::size_t>(copy.size(), item->cmsg_len - CMSG_LEN(0)));
            sock_extended_err said{};
            std::memcpy(&said, copy.data(), sizeof said);
            EchoSocket::Arrival arrival;
            arrival.error = error_code(static_cast<int>(said.ee_errno), boost::system::system_category());
            const Address offender = load(copy.data() + sizeof said, copy.size() - sizeof said);
            if (!offender.is_unix()) arrival.reply.from = offender.endpoint().address;
            return arrival;
        }
        return std::nullopt;
    }
};

}  // namespace

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
    // Whoever asks a broadcast address means it.
    set_option(descriptor_, SOL_SOCKET, SO_BROADCAST, 1);
    set_option(descriptor_, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVERR : IP_RECVERR, 1);
    set_option(descriptor_, v6 ? IPPROTO_IPV6 : IPPROTO_IP, v6 ? IPV6_RECVHOPLIMIT : IP_RECVTTL, 1);
}

EchoSocket::~EchoSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

error_code EchoSocket::send(const EchoRequest& request, Bytes payload) {
    set_option(descriptor_, v6_ ? IPPROTO_IPV6 : IPPROTO_IP, v6_ ? IPV6_UNICAST_HOPS : IP_TTL, request.ttl);
    std::vector<std::byte> message(icmp_header_size + payload.size());
    store_u8(message.data(), v6_ ? std::uint8_t{ICMP6_ECHO_REQUEST} : std::uint8_t{ICMP_ECHO});
    store_be16(message.data() + 4, identifier_);
    store_be16(message.data() + 6, request.sequence);
    if (!payload.empty()) std::memcpy(message.data() + icmp_header_size, payload.data(), payload.size());
    // ICMPv6's checksum is the kernel's business (RFC 3542 3.1).
    if (!v6_) store_be16(message.data() + 2, internet_checksum(message));
    sockaddr_storage to{};
    const std::size_t size = store(Address{request.destination, 0}, v6_ ? AF_INET6 : AF_INET, to);
    const ssize_t sent = ::sendto(descriptor_, message.data(), message.size(), MSG_NOSIGNAL,
                                  reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(size));
    return sent < 0 ? last_error() : error_code{};
}

std::optional<EchoSocket::Arrival> EchoSocket::receive_error() {
    auto envelope = std::make_unique<Envelope>();
    if (envelope->receive(descriptor_, MSG_ERRQUEUE) < 0) return std::nullopt;
    return envelope->extended_error();
}

std::optional<EchoSocket::Arrival> EchoSocket::receive() {
    auto envelope = std::make_unique<Envelope>();
    for (;;) {
        if (auto failed = receive_error()) return failed;
        const ssize_t count = envelope->receive(descriptor_, 0);
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return std::nullopt;
        // Any other error was announced by an ICMP message that has its own place in the error queue.
        if (count < 0) {
            if (auto failed = receive_error()) return failed;
            return std::nullopt;
        }
        Arrival arrival;
        arrival.reply.from = envelope->sender();
        arrival.reply.ttl = envelope->ttl();
        auto ours = read_reply({envelope->bytes.data(), static_cast<std::size_t>(count)}, std::move(arrival));
        if (ours) return ours;
    }
}

std::optional<EchoSocket::Arrival> EchoSocket::read_reply(Bytes message, Arrival arrival) const {
    if (raw_ && !v6_) {  // a raw IPv4 socket gives the IP header as well (raw(7))
        if (message.size() < ipv4_header_size_min) return std::nullopt;
        const std::size_t header_size = (load_u8(message.data()) & 0x0fu) * 4u;
        if (message.size() < header_size) return std::nullopt;
        message = message.subspan(header_size);
    }
    if (message.size() < icmp_header_size) return std::nullopt;
    if (load_u8(message.data()) != (v6_ ? std::uint8_t{ICMP6_ECHO_REPLY} : std::uint8_t{ICMP_ECHOREPLY}))
        return std::nullopt;
    if (raw_ && load_be16(message.data() + 4) != identifier_) return std::nullopt;
    arrival.reply.sequence = load_be16(message.data() + 6);
    arrival.reply.bytes = message.size();
    const Bytes payload = message.subspan(icmp_header_size);
    arrival.payload.assign(payload.begin(), payload.end());
    return arrival;
}

}  // namespace strata::session::kernel
