// Making a TAP device and setting up the kernel's side of it (Linux,
// Documentation/networking/tuntap.rst; netdevice(7)).
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/1_physical/tap.hpp"
#include "strata/1_physical/vnet_header.hpp"

namespace strata::physical {
namespace {

std::error_code kernel_error() noexcept { return {errno, std::generic_category()}; }

ifreq request_for(std::string_view name) noexcept {
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

void put_address(sockaddr& to, Ipv4Address address) noexcept {
    sockaddr_in socket_address{};
    socket_address.sin_family = AF_INET;
    address.store(reinterpret_cast<std::byte*>(&socket_address.sin_addr));
    std::memcpy(&to, &socket_address, sizeof to);
}

}  // namespace

Result<std::unique_ptr<Tap>> Tap::open(Context context, const TapOptions& options) {
    if (options.name.size() >= IFNAMSIZ ||
        options.name.find_first_of(std::string_view{"/\0 ", 3}) != std::string::npos) {
        return fail(Error::invalid_argument);
    }
    if (options.mtu > tap_mtu_max) return fail(Error::message_too_long);
    const int descriptor = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return std::unexpected(kernel_error());
    const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    std::unique_ptr<Tap> tap{new Tap{context, options, descriptor, control}};
    if (control < 0) return std::unexpected(kernel_error());
    if (const auto error = tap->set_up_device()) return std::unexpected(error);
    return tap;
}

Tap::Tap(Context context, const TapOptions& options, int descriptor, int control)
    : context_(context), options_(options), descriptor_(descriptor), control_(control), link_check_([this] {
          check_link();
      }) {
    features_.checksum_offload = options.offload;
    features_.super_frame_max = options.offload ? ip_packet_max : 0;
}

Tap::~Tap() {
    ::close(descriptor_);
    if (control_ >= 0) ::close(control_);
}

std::error_code Tap::set_up_device() {
    ifreq request = request_for(options_.name);
    request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI | (options_.offload ? IFF_VNET_HDR : 0));
    if (::ioctl(descriptor_, TUNSETIFF, &request) != 0) return kernel_error();
    name_ = request.ifr_name;
    if (options_.offload) {
        int size = sizeof(VnetHeader);
        const unsigned long offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
        if (::ioctl(descriptor_, TUNSETVNETHDRSZ, &size) != 0) return kernel_error();
        if (::ioctl(descriptor_, TUNSETOFFLOAD, offloads) != 0) return kernel_error();
    }
    return settle_mtu();
}

// A user without privileges may open a device made for him, but not
// change it; so it is only changed if it must be.
std::error_code Tap::settle_mtu() {
    ifreq request = request_for(name_);
    if (::ioctl(control_, SIOCGIFMTU, &request) != 0) return kernel_error();
    if (options_.mtu != 0 && static_cast<int>(options_.mtu) != request.ifr_mtu) {
        request.ifr_mtu = static_cast<int>(options_.mtu);
        if (::ioctl(control_, SIOCSIFMTU, &request) != 0) return kernel_error();
    }
    features_.mtu = static_cast<std::size_t>(request.ifr_mtu);
    return {};
}

std::error_code Tap::set_up(bool up) {
    ifreq request = request_for(name_);
    if (::ioctl(control_, SIOCGIFFLAGS, &request) != 0) return kernel_error();
    const int flags = up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
    request.ifr_flags = static_cast<short>(flags);
    return ::ioctl(control_, SIOCSIFFLAGS, &request) == 0 ? std::error_code{} : kernel_error();
}

std::error_code Tap::set_host_address(const Ipv4InterfaceAddress& address) {
    ifreq request = request_for(name_);
    put_address(request.ifr_addr, address.address);
    if (::ioctl(control_, SIOCSIFADDR, &request) != 0) return kernel_error();
    put_address(request.ifr_netmask, address.prefix().netmask());
    if (::ioctl(control_, SIOCSIFNETMASK, &request) != 0) return kernel_error();
    return set_up(true);
}

// An interface we cannot ask about is taken for up: the next write will tell.
bool Tap::kernel_side_is_up() const {
    ifreq request = request_for(name_);
    return ::ioctl(control_, SIOCGIFFLAGS, &request) != 0 || (request.ifr_flags & IFF_UP) != 0;
}

std::string Tap::explain(const std::error_code& error, std::string_view name) {
    const auto say = [&](std::string_view what) { return fmt::format("cannot open TAP device '{}': {}", name, what); };
    if (error == std::errc::operation_not_permitted || error == std::errc::permission_denied) {
        return say("no permission; run as root, or have root make it for you: ip tuntap add mode tap user $USER");
    }
    if (error == std::errc::no_such_file_or_directory || error == std::errc::no_such_device) {
        return say("/dev/net/tun is not there; load the driver: modprobe tun");
    }
    if (error == std::errc::device_or_resource_busy) return say("another program has it open; choose another name");
    if (error == Error::message_too_long) {
        return say(fmt::format("the kernel's TAP takes no longer MTU than {}; ask for that or less", tap_mtu_max));
    }
    if (error == Error::invalid_argument) return say("a name has at most 15 characters and no '/' or blank");
    if (error == std::errc::invalid_argument)
        return say("an interface of that name is not a TAP device; choose another name");
    return say(error.message());
}

}  // namespace strata::physical
