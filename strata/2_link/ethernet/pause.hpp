// PAUSE: who cannot take more asks its neighbour on the link for
// silence (IEEE 802.3 31, annex 31B).
//
//   | 01-80-C2-00-00-01 6 | source 6 | type 0x8808 2 | opcode 0x0001 2 | pause_time 2 | zeros 42 |
//
// A MAC control frame: it ends at the interface that it reaches, and no bridge passes it on. Read
// and written by Nic, obeyed and asked for by FlowControl.
#pragma once

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata::link {

struct PauseFrame {
    static constexpr std::size_t size = 4;  // of opcode and time
    static constexpr MacAddress destination{{0x01, 0x80, 0xc2, 0x00, 0x00, 0x01}};
    static constexpr std::uint16_t opcode = 1;
    static constexpr std::uint64_t quantum_bits = 512;
    static constexpr std::uint16_t quanta_max = 0xffff;

    std::uint16_t quanta = 0;  // of so many bit times; 0: go on

    // `control`: what follows the EtherType. Error::truncated,
    // Error::not_supported for another opcode.
    [[nodiscard]] static Result<PauseFrame> parse(Bytes control) noexcept {
        if (control.size() < size) return fail(Error::truncated);
        if (load_be16(control.data()) != opcode) return fail(Error::not_supported);
        return PauseFrame{load_be16(control.data() + 2)};
    }
    // Writes `size` bytes.
    void write(std::byte* control) const noexcept {
        store_be16(control, opcode);
        store_be16(control + 2, quanta);
    }
};

}  // namespace strata::link
