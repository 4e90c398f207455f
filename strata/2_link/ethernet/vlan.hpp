// The tag of a virtual LAN (IEEE 802.1Q 9.3-9.6): which of the networks that share a cable a frame
// belongs to, and how urgent it is.
//
//   | destination 6 | source 6 | TPID 0x8100 2 | TCI 2 | type 2 | payload 0..MTU |
//                                                 '-- PCP 3 bits | DEI 1 | VID 12
//
// The TPID stands where an untagged frame has its EtherType. So to whoever reads Ethernet headers a
// tagged frame is one of EtherType::vlan, whose payload begins with the TCI and the type; VlanTable
// reads on from there, and VlanInterface writes it.
#pragma once

#include <compare>
#include <optional>

#include "strata/0_foundation/error.hpp"
#include "strata/2_link/service.hpp"

namespace strata::link {

// A VID that a network can have: 1 to 4094. 0 says that a tag holds a priority only, 4095 is
// reserved (IEEE 802.1Q table 9-2).
class VlanId {
public:
    static constexpr std::uint16_t max = 4094;

    [[nodiscard]] static constexpr std::optional<VlanId> of(unsigned number) noexcept {
        if (number < 1 || number > max) return std::nullopt;
        return VlanId{static_cast<std::uint16_t>(number)};
    }
    [[nodiscard]] constexpr std::uint16_t number() const noexcept { return number_; }
    friend constexpr auto operator<=>(VlanId, VlanId) noexcept = default;

private:
    constexpr explicit VlanId(std::uint16_t number) noexcept : number_(number) {}
    std::uint16_t number_;
};

// A tag as it is read, behind its TPID, with the type that follows it.
struct VlanTag {
    static constexpr std::size_t size = 4;             // of TCI and type; also how much longer a tag makes a frame
    static constexpr std::uint16_t priority_only = 0;  // VIDs that are no network's
    static constexpr std::uint16_t reserved = 4095;
    static constexpr std::uint8_t priority_max = 7;

    std::uint8_t priority = 0;   // PCP: 0 best effort, 1 background (less than 0), ... 7 network control
    bool drop_eligible = false;  // DEI
    std::uint16_t id = 0;        // VID, 0..4095
    EtherType type{};            // of what follows

    // `behind_tpid`: what follows the TPID. Error::truncated.
    [[nodiscard]] static Result<VlanTag> parse(Bytes behind_tpid) noexcept {
        if (behind_tpid.size() < size) return fail(Error::truncated);
        const std::uint16_t tci = load_be16(behind_tpid.data());
        return VlanTag{.priority = static_cast<std::uint8_t>(tci >> 13),
                       .drop_eligible = (tci & 0x1000) != 0,
                       .id = static_cast<std::uint16_t>(tci & 0x0fff),
                       .type = static_cast<EtherType>(load_be16(behind_tpid.data() + 2))};
    }
    // Writes `size` bytes. Needs priority <= priority_max and id <= reserved.
    void write(std::byte* behind_tpid) const noexcept {
        store_be16(behind_tpid, static_cast<std::uint16_t>(priority << 13 | (drop_eligible ? 0x1000 : 0) | id));
        store_be16(behind_tpid + 2, static_cast<std::uint16_t>(type));
    }
};

}  // namespace strata::link
