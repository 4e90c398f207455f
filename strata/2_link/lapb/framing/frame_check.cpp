#include "strata/2_link/lapb/framing/frame_check.hpp"

#include <array>

namespace strata::link {
namespace {

using CheckTable = std::array<std::uint32_t, 256>;

// RFC 1662 C.1: the polynomial's bits in reverse, since the lowest is sent first.
constexpr CheckTable check_table(std::uint32_t reversed_polynomial) {
    CheckTable table{};
    for (std::uint32_t octet = 0; octet < table.size(); ++octet) {
        std::uint32_t value = octet;
        for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? value >> 1 ^ reversed_polynomial : value >> 1;
        table[octet] = value;
    }
    return table;
}

constexpr CheckTable table16 = check_table(0x8408);      // x^16 + x^12 + x^5 + 1
constexpr CheckTable table32 = check_table(0xedb88320);  // that of Ethernet

constexpr std::uint32_t good16 = 0xf0b8;  // RFC 1662 C.2: PPPGOODFCS16
constexpr std::uint32_t good32 = 0xdebb20e3;

}  // namespace

void HdlcFrameCheck::add(std::byte octet) noexcept {
    const CheckTable& table = kind_ == FrameCheckKind::fcs16 ? table16 : table32;
    value_ = value_ >> 8 ^ table[(value_ ^ std::to_integer<std::uint32_t>(octet)) & 0xff];
}

bool HdlcFrameCheck::good() const noexcept { return value_ == (kind_ == FrameCheckKind::fcs16 ? good16 : good32); }

}  // namespace strata::link
