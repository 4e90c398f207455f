// The frame check sequence (IEEE 802.3 3.2.9): CRC-32 over the frame, least significant byte first.
//
// Used by Nic on ports whose features say that bits may change on the way.
#pragma once

#include "strata/0_foundation/packet.hpp"

namespace strata::link {

inline constexpr std::size_t frame_check_size = 4;

[[nodiscard]] std::uint32_t frame_check(const Packet& frame) noexcept;
void append_frame_check(Packet& frame);
// False if the frame is broken; else its frame check sequence is removed.
[[nodiscard]] bool verify_and_remove_frame_check(Packet& frame);

}  // namespace strata::link
