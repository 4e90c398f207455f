#include "strata/1_physical/device/tap.hpp"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include <fmt/format.h>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/1_physical/device/vnet_header.hpp"

namespace strata::physical {
namespace {

std::error_code tun_error() noexcept { return {errno, std::generic_category()}; }

}  // namespace

Result<std::unique_ptr<Tap>> Tap::open(Context context, const TapOptions& options) {
    if (!options.name.empty() && !is_interface_name(options.name)) return fail(Error::invalid_argument);
    if (options.mtu > tap_mtu_max) return fail(Error::message_too_long);
    const int descriptor = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0) return std::unexpected(tun_error());
    std::unique_ptr<Tap> tap{new Tap{context, options, descriptor}};
    if (const auto error = tap->set_up_device(options)) return std::unexpected(error);
    return tap;
}

Tap::Tap(Context context, const TapOptions& options, int descriptor)
    : KernelPort(
          context,
          {.offload = options.offload, .burst = options.burst, .down_check_interval = options.down_check_interval},
          descriptor) {}

std::error_code Tap::set_up_device(const TapOptions& options) {
    ifreq request{};
    options.name.copy(request.ifr_name, interface_name_max);
    const int kind = options.framing == Framing::ip ? IFF_TUN : IFF_TAP;
    request.ifr_flags = static_cast<short>(kind | IFF_NO_PI | (options.offload ? IFF_VNET_HDR : 0));
    if (::ioctl(descriptor(), TUNSETIFF, &request) != 0) return tun_error();
    if (options.offload) {
        int size = sizeof(VnetHeader);
        const unsigned long offloads = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
        if (::ioctl(descriptor(), TUNSETVNETHDRSZ, &size) != 0) return tun_error();
        if (::ioctl(descriptor(), TUNSETOFFLOAD, offloads) != 0) return tun_error();
    }
    const std::string name = request.ifr_name;
    const auto mtu = settle_mtu(name, options.mtu);
    if (!mtu) return mtu.error();
    await_carrier(name);
    // Taken for up: what is written first will tell.
    found_interface(name,
                    {.framing = options.framing,
                     .mtu = *mtu,
                     .checksum_offload = options.offload,
                     .super_frame_max = options.offload ? ip_packet_max : 0},
                    true);
    return {};
}

// A user without privileges may open a device made for him, but not
// change it; so it is only changed if it must be.
Result<std::size_t> Tap::settle_mtu(const std::string& name, std::size_t wanted) const {
    const auto known = requests().mtu(name);
    if (!known || wanted == 0 || wanted == *known) return known;
    if (const auto error = requests().set_mtu(name, wanted)) return std::unexpected(error);
    return wanted;
}

// An interface that is up before somebody opens its device is set going by a work queue of the
// kernel's: what the kernel says to our first frames before that is lost. A short patience: who has
// none only risks those frames.
void Tap::await_carrier(const std::string& name) const {
    constexpr Duration step = 1ms;
    constexpr Duration patience = 200ms;
    for (Duration waited{}; waited < patience && requests().is_up(name) && !requests().is_running(name); waited += step)
        std::this_thread::sleep_for(step);
}

std::error_code Tap::set_host_address(const Ipv4InterfaceAddress& address) {
    if (const auto error = requests().set_address(name(), address)) return error;
    return set_up(true);
}

std::ptrdiff_t Tap::read(std::span<iovec> vectors) {
    return ::readv(descriptor(), vectors.data(), static_cast<int>(vectors.size()));
}

std::ptrdiff_t Tap::write(std::span<const iovec> vectors) {
    return ::writev(descriptor(), vectors.data(), static_cast<int>(vectors.size()));
}

bool Tap::means_down(int error) const noexcept { return error == EIO; }

std::string Tap::explain(const std::error_code& error, std::string_view name, Framing framing) {
    const bool tun = framing == Framing::ip;
    const std::string_view kind = tun ? "TUN" : "TAP";
    const auto say = [&](std::string_view what) {
        return fmt::format("cannot open {} device '{}': {}", kind, name, what);
    };
    if (error == std::errc::operation_not_permitted || error == std::errc::permission_denied) {
        return say(
            fmt::format("no permission; run as root, or have root make it for you: ip tuntap add mode {} user $USER",
                        tun ? "tun" : "tap"));
    }
    if (error == std::errc::no_such_file_or_directory || error == std::errc::no_such_device) {
        return say("/dev/net/tun is not there; load the driver: modprobe tun");
    }
    if (error == std::errc::device_or_resource_busy) return say("another program has it open; choose another name");
    if (error == Error::message_too_long) {
        return say(fmt::format("the kernel's driver takes no longer MTU than {}; ask for that or less", tap_mtu_max));
    }
    if (error == Error::invalid_argument) return say("a name has at most 15 characters and no '/' or blank");
    if (error == std::errc::invalid_argument)
        return say(fmt::format("an interface of that name is not a {} device; choose another name", kind));
    return say(error.message());
}

}  // namespace strata::physical
