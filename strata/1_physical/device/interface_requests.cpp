#include "strata/1_physical/device/interface_requests.hpp"

#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace strata::physical {
namespace {

static_assert(interface_name_max == IFNAMSIZ - 1);

std::error_code request_error() noexcept { return {errno, std::generic_category()}; }

ifreq request_for(std::string_view name) noexcept {
    ifreq request{};
    name.copy(request.ifr_name, interface_name_max);
    return request;
}

void put_address(sockaddr& to, Ipv4Address address) noexcept {
    sockaddr_in socket_address{};
    socket_address.sin_family = AF_INET;
    address.store(reinterpret_cast<std::byte*>(&socket_address.sin_addr));
    std::memcpy(&to, &socket_address, sizeof to);
}

}  // namespace

bool is_interface_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= interface_name_max &&
           name.find_first_of(std::string_view{"/\0 ", 3}) == std::string_view::npos;
}

InterfaceRequests::InterfaceRequests() noexcept : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

InterfaceRequests::~InterfaceRequests() {
    if (socket_ >= 0) ::close(socket_);
}

Result<int> InterfaceRequests::index(std::string_view name) const noexcept {
    if (!is_interface_name(name)) return fail(Error::invalid_argument);
    ifreq request = request_for(name);
    if (::ioctl(socket_, SIOCGIFINDEX, &request) != 0) return std::unexpected(request_error());
    return request.ifr_ifindex;
}

Result<std::size_t> InterfaceRequests::mtu(std::string_view name) const noexcept {
    ifreq request = request_for(name);
    if (::ioctl(socket_, SIOCGIFMTU, &request) != 0) return std::unexpected(request_error());
    return static_cast<std::size_t>(request.ifr_mtu);
}

std::error_code InterfaceRequests::set_mtu(std::string_view name, std::size_t mtu) const noexcept {
    ifreq request = request_for(name);
    request.ifr_mtu = static_cast<int>(mtu);
    return ::ioctl(socket_, SIOCSIFMTU, &request) == 0 ? std::error_code{} : request_error();
}

Result<short> InterfaceRequests::flags(std::string_view name) const noexcept {
    ifreq request = request_for(name);
    if (::ioctl(socket_, SIOCGIFFLAGS, &request) != 0) return std::unexpected(request_error());
    return request.ifr_flags;
}

bool InterfaceRequests::is_up(std::string_view name) const noexcept {
    const auto known = flags(name);
    return !known || (*known & IFF_UP) != 0;
}

bool InterfaceRequests::is_running(std::string_view name) const noexcept {
    const auto known = flags(name);
    return !known || (*known & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

std::error_code InterfaceRequests::set_up(std::string_view name, bool up) const noexcept {
    const auto known = flags(name);
    if (!known) return known.error();
    ifreq request = request_for(name);
    request.ifr_flags = static_cast<short>(up ? *known | IFF_UP : *known & ~IFF_UP);
    return ::ioctl(socket_, SIOCSIFFLAGS, &request) == 0 ? std::error_code{} : request_error();
}

std::error_code InterfaceRequests::set_address(std::string_view name,
                                               const Ipv4InterfaceAddress& address) const noexcept {
    ifreq request = request_for(name);
    put_address(request.ifr_addr, address.address);
    if (::ioctl(socket_, SIOCSIFADDR, &request) != 0) return request_error();
    put_address(request.ifr_netmask, address.prefix().netmask());
    return ::ioctl(socket_, SIOCSIFNETMASK, &request) == 0 ? std::error_code{} : request_error();
}

Result<MacAddress> InterfaceRequests::mac_address(std::string_view name) const noexcept {
    if (!is_interface_name(name)) return fail(Error::invalid_argument);
    ifreq request = request_for(name);
    if (::ioctl(socket_, SIOCGIFHWADDR, &request) != 0) return std::unexpected(request_error());
    if (request.ifr_hwaddr.sa_family != ARPHRD_ETHER) return fail(Error::not_supported);
    return MacAddress::load(reinterpret_cast<const std::byte*>(request.ifr_hwaddr.sa_data));
}

}  // namespace strata::physical
