#include "strata/cli/lan.hpp"

#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <memory>

namespace strata::cli {
namespace {

bool of_one_link(const IpAddress& address) {
    if (address.is_v4()) return (address.v4().value() >> 16) == 0xa9fe;  // 169.254/16
    const auto octets = address.v6().octets();
    return octets[0] == 0xfe && (octets[1] & 0xc0) == 0x80;  // fe80::/10
}

}  // namespace

std::vector<IpAddress> own_addresses() {
    ifaddrs* found = nullptr;
    if (::getifaddrs(&found) != 0) return {};
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(found, ::freeifaddrs);
    std::vector<IpAddress> addresses;
    for (const ifaddrs* each = all.get(); each != nullptr; each = each->ifa_next) {
        const bool serves = (each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0;
        if (each->ifa_addr == nullptr || !serves) continue;
        IpAddress address;
        if (each->ifa_addr->sa_family == AF_INET) {
            address = Ipv4Address{ntohl(reinterpret_cast<const sockaddr_in*>(each->ifa_addr)->sin_addr.s_addr)};
        } else if (each->ifa_addr->sa_family == AF_INET6) {
            const auto& octets = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr)->sin6_addr;
            address = Ipv6Address::load(reinterpret_cast<const std::byte*>(&octets));
        } else {
            continue;
        }
        if (!of_one_link(address)) addresses.push_back(address);
    }
    std::ranges::stable_partition(addresses, [](const IpAddress& address) { return address.is_v4(); });
    return addresses;
}

std::optional<Ipv4InterfaceAddress> address_of_interface(const std::string& name) {
    ifaddrs* found = nullptr;
    if (::getifaddrs(&found) != 0) return std::nullopt;
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> all(found, ::freeifaddrs);
    const auto value = [](const sockaddr* address) {
        return ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr);
    };
    for (const ifaddrs* each = all.get(); each != nullptr; each = each->ifa_next) {
        const bool v4 = each->ifa_addr != nullptr && each->ifa_addr->sa_family == AF_INET;
        if (!v4 || each->ifa_netmask == nullptr || name != each->ifa_name) continue;
        const auto length = static_cast<unsigned>(std::popcount(value(each->ifa_netmask)));
        return Ipv4InterfaceAddress{Ipv4Address{value(each->ifa_addr)}, length};
    }
    return std::nullopt;
}

bool has_ipv6() {
    const int socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return false;
    sockaddr_in6 any{};
    any.sin6_family = AF_INET6;
    const bool can = ::bind(socket, reinterpret_cast<const sockaddr*>(&any), sizeof any) == 0;
    ::close(socket);
    return can;
}

}  // namespace strata::cli
