#include "strata/2_link/lapb/frame.hpp"

#include <optional>

namespace strata::link {
namespace {

constexpr unsigned poll_bit = 0x10;           // of a control field of one octet
constexpr unsigned poll_bit_extended = 0x01;  // of the second of two

struct UnnumberedCode {
    LapbType type;
    unsigned control;  // without P/F
};

// X.25 table 2-4 and 2-5.
constexpr std::array unnumbered_codes{
    UnnumberedCode{LapbType::set_mode, 0x2f},          UnnumberedCode{LapbType::set_mode_extended, 0x6f},
    UnnumberedCode{LapbType::disconnect, 0x43},        UnnumberedCode{LapbType::acknowledgment, 0x63},
    UnnumberedCode{LapbType::disconnected_mode, 0x0f}, UnnumberedCode{LapbType::frame_reject, 0x87}};

struct SupervisoryCode {
    LapbType type;
    unsigned control;  // the lowest four bits
};

constexpr std::array supervisory_codes{SupervisoryCode{LapbType::receive_ready, 0x01},
                                       SupervisoryCode{LapbType::receive_not_ready, 0x05},
                                       SupervisoryCode{LapbType::reject, 0x09}};

bool is_unnumbered(unsigned control) noexcept { return (control & 0x03) == 0x03; }

std::byte octet_of(unsigned value) noexcept { return static_cast<std::byte>(value); }

template <typename Codes>
auto type_of(const Codes& codes, unsigned control) noexcept -> std::optional<LapbType> {
    for (const auto& code : codes) {
        if (code.control == control) return code.type;
    }
    return std::nullopt;
}

template <typename Codes>
unsigned control_of(const Codes& codes, LapbType type) noexcept {
    for (const auto& code : codes) {
        if (code.type == type) return code.control;
    }
    return 0;
}

}  // namespace

Result<LapbFrame> LapbFrame::parse(Bytes frame, LapbModulus modulus) noexcept {
    if (frame.size() < 2) return fail(Error::truncated);
    LapbFrame parsed{.address = static_cast<LapbAddress>(load_u8(frame.data()))};
    if (parsed.address != LapbAddress::a && parsed.address != LapbAddress::b) return fail(Error::bad_address);
    const unsigned control = load_u8(frame.data() + 1);
    if (is_unnumbered(control)) {
        const auto type = type_of(unnumbered_codes, control & ~poll_bit);
        if (!type) return fail(Error::not_supported);
        parsed.type = *type;
        parsed.poll_final = (control & poll_bit) != 0;
        parsed.information = frame.subspan(2);
        return parsed;
    }
    const bool extended = modulus == LapbModulus::extended;
    if (extended && frame.size() < header_size_max) return fail(Error::truncated);
    const unsigned second = extended ? load_u8(frame.data() + 2) : control >> 4;
    parsed.poll_final = (second & poll_bit_extended) != 0;
    parsed.nr = static_cast<std::uint8_t>(second >> 1);
    parsed.information = frame.subspan(extended ? 3 : 2);
    if ((control & 1) == 0) {
        parsed.type = LapbType::information;
        parsed.ns = static_cast<std::uint8_t>(extended ? control >> 1 : control >> 1 & 7);
        return parsed;
    }
    const auto type = type_of(supervisory_codes, extended ? control : control & 0x0f);
    if (!type) return fail(Error::not_supported);
    parsed.type = *type;
    return parsed;
}

std::size_t LapbFrame::write_header(std::byte* to, LapbModulus modulus) const noexcept {
    to[0] = static_cast<std::byte>(address);
    if (type != LapbType::information && !is_supervisory()) {
        to[1] = octet_of(control_of(unnumbered_codes, type) | (poll_final ? poll_bit : 0));
        return 2;
    }
    const unsigned first = type == LapbType::information ? unsigned{ns} << 1 : control_of(supervisory_codes, type);
    const unsigned second = unsigned{nr} << 1 | (poll_final ? poll_bit_extended : 0);
    if (modulus == LapbModulus::extended) {
        to[1] = octet_of(first);
        to[2] = octet_of(second);
        return 3;
    }
    to[1] = octet_of(second << 4 | first);
    return 2;
}

std::size_t LapbRejection::write(std::byte* to, LapbModulus modulus) const noexcept {
    const unsigned response = was_response ? 1 : 0;
    if (modulus == LapbModulus::basic) {
        to[0] = control[0];
        to[1] = octet_of(unsigned{vr} << 5 | response << 4 | unsigned{vs} << 1);
        to[2] = octet_of(reason);
        return 3;
    }
    to[0] = control[0];
    to[1] = is_unnumbered(load_u8(control.data())) ? std::byte{} : control[1];
    to[2] = octet_of(unsigned{vs} << 1);
    to[3] = octet_of(unsigned{vr} << 1 | response);
    to[4] = octet_of(reason);
    return size_max;
}

}  // namespace strata::link
