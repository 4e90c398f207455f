#include "strata/5_session/kernel/burst_receiver.hpp"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "strata/5_session/asio/error.hpp"

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

namespace strata::session::kernel {
namespace {

struct Slot {
    sockaddr_storage from;
    iovec room;
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control;
};

// How long each of the datagrams is that are one piece; 0: it is one.
std::size_t length_of_each(msghdr& header) noexcept {
    for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr; each = CMSG_NXTHDR(&header, each)) {
        if (each->cmsg_level != IPPROTO_UDP || each->cmsg_type != UDP_GRO) continue;
        int length = 0;
        std::memcpy(&length, CMSG_DATA(each), sizeof length);
        return length > 0 ? static_cast<std::size_t>(length) : 0;
    }
    return 0;
}

}  // namespace

error_code BurstReceiver::receive(int descriptor, int family, DatagramBurst& into) {
    // A kernel that cannot delivers them one by one.
    const int on = 1;
    if (!std::exchange(asked_, true) && family != AF_UNIX)
        (void)::setsockopt(descriptor, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
    into.clear();
    std::array<Slot, at_once_max> slots;  // NOLINT(cppcoreguidelines-pro-type-member-init): the kernel's to fill
    std::array<mmsghdr, at_once_max> messages{};
    const std::size_t places = std::min(into.places(), at_once_max);
    for (std::size_t i = 0; i < places; ++i) {
        Slot& slot = slots.at(i);
        const MutableBytes place = into.place(i);
        slot.room = {place.data(), place.size()};
        msghdr& header = messages.at(i).msg_hdr;
        header.msg_name = &slot.from;
        header.msg_namelen = sizeof slot.from;
        header.msg_iov = &slot.room;
        header.msg_iovlen = 1;
        header.msg_control = slot.control.data();
        header.msg_controllen = slot.control.size();
    }
    int count = -1;
    do {
        count = ::recvmmsg(descriptor, messages.data(), static_cast<unsigned>(places), MSG_DONTWAIT, nullptr);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return last_error();
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        msghdr& header = messages.at(i).msg_hdr;
        into.add(messages.at(i).msg_len, load(&slots.at(i).from, header.msg_namelen), length_of_each(header));
    }
    return {};
}

error_code BurstReceiver::receive_eagerly(int descriptor, int family, DatagramBurst& into) {
    static const bool has_two = std::thread::hardware_concurrency() > 1;
    if (into.eagerness() == Duration{} || !has_two) return asio::error::would_block;
    if (in_vain_ >= in_vain_max) {
        if (++in_vain_ >= in_vain_max + left_for) in_vain_ = 0;
        return asio::error::would_block;
    }
    const auto until = std::chrono::steady_clock::now() + into.eagerness();
    error_code error;
    do {
        error = receive(descriptor, family, into);
    } while (error == asio::error::would_block && std::chrono::steady_clock::now() < until);
    in_vain_ = error == asio::error::would_block ? in_vain_ + 1 : 0;
    return error;
}

}  // namespace strata::session::kernel
