#include "strata/5_session/kernel/burst_sender.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "strata/5_session/kernel/address.hpp"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

namespace strata::session::kernel {
namespace {

// What IPv4 carries in one packet behind its header and UDP's.
constexpr std::size_t cut_bytes_max = 65507;

struct Peer {
    sockaddr_storage address{};
    socklen_t size = 0;
};

iovec piece_of(Bytes bytes) noexcept { return {const_cast<std::byte*>(bytes.data()), bytes.size()}; }

msghdr header_to(Peer& peer) noexcept {
    msghdr header{};
    if (peer.size != 0) {
        header.msg_name = &peer.address;
        header.msg_namelen = peer.size;
    }
    return header;
}

// How many of them can be one packet: of one length, the last may be shorter.
std::size_t cuttable(std::span<const Bytes> datagrams, std::size_t count_max) noexcept {
    const std::size_t length = datagrams.front().size();
    if (length == 0) return 0;
    std::size_t count = 0, total = 0;
    for (const Bytes datagram : datagrams.first(std::min(datagrams.size(), count_max))) {
        if (datagram.empty() || datagram.size() > length || total + datagram.size() > cut_bytes_max) break;
        total += datagram.size();
        ++count;
        if (datagram.size() < length) break;
    }
    return count;
}

bool send_cut(int descriptor, std::span<iovec> pieces, Peer& peer) noexcept {
    msghdr header = header_to(peer);
    header.msg_iov = pieces.data();
    header.msg_iovlen = pieces.size();
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* const segment = CMSG_FIRSTHDR(&header);
    segment->cmsg_level = IPPROTO_UDP;
    segment->cmsg_type = UDP_SEGMENT;
    segment->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto length = static_cast<std::uint16_t>(pieces.front().iov_len);
    std::memcpy(CMSG_DATA(segment), &length, sizeof length);
    return ::sendmsg(descriptor, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

}  // namespace

std::size_t BurstSender::send(int descriptor, std::span<const Bytes> datagrams, const Address& to, int family) {
    Peer peer;
    if (to != Address{}) {
        peer.size = static_cast<socklen_t>(store(to, family, peer.address));
        if (peer.size == 0) return 0;
    }
    std::size_t sent = 0;
    while (sent < datagrams.size()) {
        const std::span<const Bytes> rest = datagrams.subspan(sent, std::min(datagrams.size() - sent, at_once_max));
        std::array<iovec, at_once_max> pieces{};
        std::ranges::transform(rest, pieces.begin(), piece_of);
        const bool may_cut = cuts_ && family != AF_UNIX;
        if (const std::size_t count = may_cut ? cuttable(rest, at_once_max) : 0; count > 1) {
            if (send_cut(descriptor, std::span{pieces}.first(count), peer)) {
                sent += count;
                continue;
            }
            if (errno == EAGAIN || errno == ENOBUFS) break;
            cuts_ = false;
        }
        std::array<mmsghdr, at_once_max> messages{};
        for (std::size_t i = 0; i < rest.size(); ++i) {
            messages.at(i).msg_hdr = header_to(peer);
            messages.at(i).msg_hdr.msg_iov = &pieces.at(i);
            messages.at(i).msg_hdr.msg_iovlen = 1;
        }
        const int left =
            ::sendmmsg(descriptor, messages.data(), static_cast<unsigned>(rest.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (left <= 0) break;
        sent += static_cast<std::size_t>(left);
    }
    return sent;
}

}  // namespace strata::session::kernel
