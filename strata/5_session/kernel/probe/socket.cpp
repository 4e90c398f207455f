#include "strata/5_session/kernel/probe/socket.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstring>

#include "strata/3_network/icmp/v4/message.hpp"
#include "strata/5_session/asio/error.hpp"
#include "strata/5_session/kernel/address.hpp"
#include "strata/5_session/kernel/ip_options.hpp"

namespace strata::session::kernel {
namespace {

constexpr std::size_t udp_header_size = 8;
constexpr std::size_t ip_header_size(bool v6) noexcept { return v6 ? 40 : 20; }

error_code set_probe_option(int descriptor, int level, int name, int value) noexcept {
    return ::setsockopt(descriptor, level, name, &value, sizeof value) == 0 ? error_code{} : last_error();
}

const cmsghdr* find_error(msghdr& header) {
    for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr; item = CMSG_NXTHDR(&header, item)) {
        const bool v4 = item->cmsg_level == SOL_IP && item->cmsg_type == IP_RECVERR;
        const bool v6 = item->cmsg_level == SOL_IPV6 && item->cmsg_type == IPV6_RECVERR;
        if (v4 || v6) return item;
    }
    return nullptr;
}

}  // namespace

ProbeSocket::ProbeSocket(const ProbeRequest& request, error_code& error)
    : destination_(request.destination), tcp_(request.kind == ProbeKind::tcp) {
    const int type = (tcp_ ? SOCK_STREAM : SOCK_DGRAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
    descriptor_ = ::socket(is_v6() ? AF_INET6 : AF_INET, type, 0);
    error = descriptor_ < 0 ? last_error() : set_options(request);
}

ProbeSocket::~ProbeSocket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

error_code ProbeSocket::set_options(const ProbeRequest& request) const {
    const bool v6 = is_v6();
    error_code error = set_probe_option(descriptor_, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_RECVERR : IP_RECVERR, 1);
    if (!error) error = set_ttl_of(descriptor_, request.ttl);
    if (!error && !tcp_) error = set_fragmentation_of(descriptor_, request.fragmentation);
    if (!error && !tcp_ && v6 && request.fragmentation == network::Fragmentation::probing)
        error = set_probe_option(descriptor_, SOL_IPV6, IPV6_DONTFRAG, 1);
    if (error || !tcp_) return error;
    // Reset, not closed, if the port answers; and no more than one SYN beside the first.
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    if (::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) != 0) return last_error();
    return set_probe_option(descriptor_, IPPROTO_TCP, TCP_SYNCNT, 1);
}

std::optional<ProbeSocket::Outcome> ProbeSocket::send(Bytes payload) {
    sockaddr_storage to{};
    const auto size = static_cast<socklen_t>(store(Address{destination_}, is_v6() ? AF_INET6 : AF_INET, to));
    if (::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), size) != 0) {
        if (tcp_ && errno == EINPROGRESS) return std::nullopt;
        const error_code error = last_error();
        if (auto reported = receive_error()) return reported;
        if (tcp_ && error == asio::error::connection_refused) return state_of_attempt();
        return Outcome{.error = error, .reply = {}};
    }
    if (tcp_) return state_of_attempt();
    packet_size_ = ip_header_size(is_v6()) + udp_header_size + payload.size();
    if (::send(descriptor_, payload.data(), payload.size(), MSG_NOSIGNAL) >= 0) return std::nullopt;
    const error_code error = last_error();
    if (error == asio::error::would_block || error == asio::error::no_buffer_space) return std::nullopt;
    if (auto reported = receive_error()) return reported;
    return Outcome{.error = error, .reply = {}};
}

std::optional<ProbeSocket::Outcome> ProbeSocket::receive() {
    if (auto outcome = receive_error()) return outcome;
    return tcp_ ? state_of_attempt() : receive_datagram();
}

// The kernel queues an error only if it quotes this socket's two ends and, of a SYN, its sequence
// number.
std::optional<ProbeSocket::Outcome> ProbeSocket::receive_error() const {
    std::array<char, 512> quoted{};
    alignas(cmsghdr) std::array<char, 512> control{};
    iovec vector{quoted.data(), quoted.size()};
    msghdr header{};
    header.msg_iov = &vector;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    if (::recvmsg(descriptor_, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
    const cmsghdr* const item = find_error(header);
    if (item == nullptr) return std::nullopt;
    std::array<std::byte, sizeof(sock_extended_err) + sizeof(sockaddr_in6)> copy{};
    std::memcpy(copy.data(), CMSG_DATA(item), std::min<std::size_t>(copy.size(), item->cmsg_len - CMSG_LEN(0)));
    sock_extended_err said{};
    std::memcpy(&said, copy.data(), sizeof said);
    Outcome outcome;
    const bool too_long = said.ee_errno == EMSGSIZE;
    if (too_long) outcome.reply.mtu = said.ee_info;
    if (said.ee_origin != SO_EE_ORIGIN_ICMP && said.ee_origin != SO_EE_ORIGIN_ICMP6) {
        outcome.error = error_code(static_cast<int>(said.ee_errno), boost::system::system_category());
        return outcome;
    }
    outcome.reply.icmp = {.type = said.ee_type, .code = said.ee_code};
    if (too_long && said.ee_info == 0) outcome.reply.mtu = network::plateau_below(packet_size_);
    const Address offender = load(copy.data() + sizeof said, copy.size() - sizeof said);
    if (!offender.is_unix()) outcome.reply.from = offender.endpoint().address;
    return outcome;
}

// An error that it returns has its place in the error queue.
std::optional<ProbeSocket::Outcome> ProbeSocket::receive_datagram() const {
    std::array<std::byte, 1> ignored{};
    if (::recv(descriptor_, ignored.data(), ignored.size(), MSG_DONTWAIT) < 0) return std::nullopt;
    Outcome outcome;
    outcome.reply.answer = ProbeAnswer::datagram;
    outcome.reply.from = destination_.address;
    return outcome;
}

std::optional<ProbeSocket::Outcome> ProbeSocket::state_of_attempt() const {
    pollfd ready{.fd = descriptor_, .events = POLLOUT, .revents = 0};
    if (::poll(&ready, 1, 0) <= 0) return std::nullopt;
    int failed = 0;
    socklen_t size = sizeof failed;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &failed, &size);
    Outcome outcome;
    outcome.reply.from = destination_.address;
    outcome.reply.answer = failed == 0 ? ProbeAnswer::accepted : ProbeAnswer::refused;
    if (failed != 0 && failed != ECONNREFUSED) outcome.error = error_code(failed, boost::system::system_category());
    return outcome;
}

}  // namespace strata::session::kernel
