// Port: the interface of floor 1. Something that frames are sent into and come
// out of: one end of a cable, a TAP device.
//
// A frame is an Ethernet frame from the destination address to the last byte of the payload,
// without preamble; with the frame check sequence only where `frame_check` says so. On a port that
// knows no Ethernet it is an IP packet, as `framing` says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "strata/0_foundation/packet.hpp"

namespace strata::physical {

// What a frame begins with: an Ethernet header, or an IP header.
enum class Framing : std::uint8_t { ethernet, ip };

// What a port can do, fixed while it is attached.
struct PortFeatures {
    Framing framing = Framing::ethernet;
    std::size_t mtu = 1500;         // the longest payload of a frame, without the link header, in bytes
    bool checksum_offload = false;  // completes ChecksumState::partial itself, or carries the fact to a place that does
    std::size_t super_frame_max = 0;  // the longest super-frame it takes (bytes after the link header); 0: none
    bool frame_check = false;         // bits may be changed on the way: frames need a frame check sequence
};

// Called upward. The floor above implements it.
class PortUser {
public:
    virtual ~PortUser() = default;
    // A burst of frames, in order of arrival. The callee moves out what it keeps.
    virtual void frames_arrived(std::span<Packet> frames) = 0;
    // A port that was full has room again.
    virtual void port_writable() = 0;
    virtual void link_changed(bool up) = 0;
};

class Port {
public:
    virtual ~Port() = default;
    [[nodiscard]] virtual const PortFeatures& features() const noexcept = 0;
    [[nodiscard]] virtual bool link_up() const noexcept = 0;
    // The one user; null detaches. The user outlives its attachment.
    virtual void attach(PortUser* user) noexcept = 0;
    // Takes frames from the front of the burst, moving them out, and returns how many. Fewer than
    // given: the port is full, the rest stays with the caller, and PortUser::port_writable() comes
    // when there is room. A port whose link is down takes and drops (counted).
    [[nodiscard]] virtual std::size_t transmit(std::span<Packet> frames) = 0;
    // False: transmit() would take nothing now.
    [[nodiscard]] virtual bool writable() const noexcept = 0;
    // How fast it sends now; 0: it has no rate, or does not know it.
    [[nodiscard]] virtual std::uint64_t bits_per_second() const noexcept { return 0; }
};

}  // namespace strata::physical
