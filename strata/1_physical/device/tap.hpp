// Tap: a port whose other end is the kernel's IP: a TAP device of /dev/net/tun, which carries
// frames, or a TUN device, which carries IP packets alone (Linux,
// Documentation/networking/tuntap.rst).
//
//      Nic, IpLink  <--->  Tap  <--- descriptor --->  the kernel's interface "tap0"  <--->  its IP, or a bridge
#pragma once

#include <memory>
#include <string>

#include "strata/1_physical/device/kernel_port.hpp"

namespace strata::physical {

// The longest that the kernel's driver takes (65535 less an Ethernet header).
inline constexpr std::size_t tap_mtu_max = 65521;

struct TapOptions {
    std::string name;  // of the kernel's interface, at most 15 bytes; made if it is not there; "": the kernel chooses
    Framing framing = Framing::ethernet;  // ethernet: a TAP; ip: a TUN
    std::size_t mtu = 0;                  // at most tap_mtu_max; 0: as the interface has it
    bool offload = true;
    BurstOptions burst;
    Duration down_check_interval = 100ms;  // how often to look whether a link that went down is up again
};

class Tap final : public KernelPort {
public:
    // Errors: invalid_argument for a name that is too long or has a '/' in it, message_too_long for
    // an MTU beyond tap_mtu_max; else the kernel's (explain() says what to do).
    [[nodiscard]] static Result<std::unique_ptr<Tap>> open(Context context, const TapOptions& options);
    // One sentence for people: what failed and what to do.
    [[nodiscard]] static std::string explain(const std::error_code& error, std::string_view name,
                                             Framing framing = Framing::ethernet);

    // --- the kernel's side. Errors: the kernel's.
    [[nodiscard]] std::error_code set_up(bool up) { return requests().set_up(name(), up); }
    [[nodiscard]] std::error_code set_host_address(const Ipv4InterfaceAddress& address);  // and brings it up

private:
    Tap(Context context, const TapOptions& options, int descriptor);
    [[nodiscard]] std::error_code set_up_device(const TapOptions& options);
    void await_carrier(const std::string& name) const;
    [[nodiscard]] Result<std::size_t> settle_mtu(const std::string& name, std::size_t wanted) const;

    // KernelPort
    [[nodiscard]] std::ptrdiff_t read(std::span<iovec> vectors) override;
    [[nodiscard]] std::ptrdiff_t write(std::span<const iovec> vectors) override;
    [[nodiscard]] bool means_down(int error) const noexcept override;
};

}  // namespace strata::physical
