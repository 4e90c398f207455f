#include "strata/5_session/kernel/path_mtu.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "strata/5_session/kernel/address.hpp"

namespace strata::session::kernel {

std::size_t path_mtu(const IpAddress& to) noexcept {
    const int family = to.is_v4() ? AF_INET : AF_INET6;
    constexpr std::uint16_t discard = 9;
    sockaddr_storage address{};
    const std::size_t size = store(Address{to, discard}, family, address);
    // Only a connected socket is told; nothing is sent.
    const int descriptor = ::socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return 0;
    int mtu = 0;
    socklen_t mtu_size = sizeof mtu;
    const int level = to.is_v4() ? IPPROTO_IP : IPPROTO_IPV6;
    const int name = to.is_v4() ? IP_MTU : IPV6_MTU;
    const bool known =
        ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size)) == 0 &&
        ::getsockopt(descriptor, level, name, &mtu, &mtu_size) == 0;
    ::close(descriptor);
    return known && mtu > 0 ? static_cast<std::size_t>(mtu) : 0;
}

}  // namespace strata::session::kernel
