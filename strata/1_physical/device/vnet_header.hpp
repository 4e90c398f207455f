// The virtio-net header before each frame of a KernelPort with offload (virtio 1.2, 5.1.6): how a
// Packet's offload facts are told to the kernel, and the kernel's to us. In the machine's byte
// order, as the kernel uses it by default.
//
// Used by KernelPort and its devices alone.
#pragma once

#include "strata/0_foundation/packet.hpp"

namespace strata::physical {

// As <linux/virtio_net.h> has it, which C++ cannot include.
struct VnetHeader {
    static constexpr std::uint8_t needs_checksum = 1;  // flags
    static constexpr std::uint8_t data_valid = 2;
    static constexpr std::uint8_t tcp_ipv4 = 1;  // segmentation
    static constexpr std::uint8_t tcp_ipv6 = 4;
    static constexpr std::uint8_t ecn = 0x80;

    std::uint8_t flags = 0;
    std::uint8_t segmentation = 0;
    std::uint16_t headers_size = 0;
    std::uint16_t segment_size = 0;
    std::uint16_t checksum_start = 0;
    std::uint16_t checksum_offset = 0;  // from there
};
static_assert(sizeof(VnetHeader) == 10);

[[nodiscard]] VnetHeader vnet_header_of(const Packet& frame) noexcept;

// Sets the frame's facts. False if the header points outside of the frame's front, or tells of a
// super-frame of another kind than TCP's: nobody above could take it apart.
[[nodiscard]] bool apply_vnet_header(const VnetHeader& header, Packet& frame) noexcept;

}  // namespace strata::physical
