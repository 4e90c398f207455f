// SerialLine: the interface of floor 1 to a serial line: octets go in at one end and come out of
// the other, in order, perhaps broken, and nothing says where a frame begins.
//
//      SlipLink, LapbLink  <--->  SerialLine  <--->  the other end: in memory, or a tty of the kernel
//
// A line of octets (asynchronous: a UART, a pseudo-terminal) carries each octet whole. A line of
// bits (synchronous) carries the bits of each octet, the lowest first, and its receiver packs
// whatever bits it gets into octets: where a bit was lost, all that follows is shifted.
#pragma once

#include <cstddef>
#include <cstdint>

#include "strata/0_foundation/bytes.hpp"

namespace strata::physical {

enum class SerialUnit : std::uint8_t { octet, bit };

// Called upward, never within transmit(). The floor above implements it.
class SerialLineUser {
public:
    virtual ~SerialLineUser() = default;
    // In order of arrival; only valid during the call.
    virtual void octets_arrived(Bytes octets) = 0;
    // A line that was full has room again.
    virtual void line_writable() = 0;
    virtual void carrier_changed(bool up) = 0;
};

class SerialLine {
public:
    virtual ~SerialLine() = default;
    [[nodiscard]] virtual SerialUnit unit() const noexcept = 0;
    [[nodiscard]] virtual bool carrier() const noexcept = 0;
    // The one user; null detaches. The user outlives its attachment.
    virtual void attach(SerialLineUser* user) noexcept = 0;
    // Takes octets from the front and returns how many. Fewer than given: the line is full, the
    // rest stays with the caller, and line_writable() comes when there is room. A line without a
    // carrier takes and drops (counted).
    [[nodiscard]] virtual std::size_t transmit(Bytes octets) = 0;
};

}  // namespace strata::physical
