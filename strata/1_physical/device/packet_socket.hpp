// PacketSocket: a port on a network interface of the kernel's, a real Ethernet among others
// (packet(7)): our frames leave by it beside the kernel's, and what arrives is seen by both.
//
//      Nic  <--->  PacketSocket  <--- descriptor --->  "eth0"  <--->  the LAN
//                                                        |
//                                                    the kernel's IP
//
// With an address of our own the interface is promiscuous while the port is open, and the kernel
// hands up only what is for that address or for a group. What the kernel itself sends by the
// interface is not seen: a wire does not come back.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "strata/1_physical/device/kernel_port.hpp"

namespace strata::physical {

struct PacketSocketOptions {
    std::string interface;               // of the kernel; an Ethernet
    std::optional<MacAddress> only_for;  // frames to others, but for groups, are not handed up; none: all are
    // Whether we send super-frames, and leave checksums to the kernel. What arrives may be a
    // super-frame either way.
    bool offload = true;
    std::size_t buffer_bytes = 8 << 20;  // of the kernel's, each way; a user without privileges gets less
    BurstOptions burst;
    Duration down_check_interval = 100ms;  // how often to look whether a link that went down is up again
};

class PacketSocket final : public KernelPort {
public:
    // Errors: invalid_argument for a name that no interface has, not_supported for an interface
    // that is no Ethernet; else the kernel's (explain() says what to do).
    [[nodiscard]] static Result<std::unique_ptr<PacketSocket>> open(Context context,
                                                                    const PacketSocketOptions& options);
    // One sentence for people: what failed and what to do.
    [[nodiscard]] static std::string explain(const std::error_code& error, std::string_view interface);

private:
    PacketSocket(Context context, const PacketSocketOptions& options, int descriptor);
    [[nodiscard]] std::error_code set_up(const PacketSocketOptions& options);
    [[nodiscard]] std::error_code set(int level, int option, int value) const;
    [[nodiscard]] std::error_code filter(MacAddress only_for) const;
    [[nodiscard]] std::error_code make_promiscuous(int index) const;

    // KernelPort
    [[nodiscard]] std::ptrdiff_t read(std::span<iovec> vectors) override;
    [[nodiscard]] std::ptrdiff_t write(std::span<const iovec> vectors) override;
    [[nodiscard]] std::size_t restore_front(std::byte* frame, VnetHeader& header) override;
    [[nodiscard]] bool means_down(int error) const noexcept override;

    struct Tag {
        std::uint16_t protocol;
        std::uint16_t control;
    };
    std::optional<Tag> taken_tag_;  // of the frame that was just read
    std::uint32_t overruns_ = 0;    // as the kernel counts them
};

}  // namespace strata::physical
