// The frame of LAPB (ISO/IEC 7776 3 and 4, ITU-T X.25 2.2 and 2.3), between its flags and without
// its frame check sequence:
//
//   modulo 8     | address 1 | control 1 | information, in I and FRMR alone |
//   modulo 128   | address 1 | control 2, in U frames 1 | ...
//
//   I        0        N(S)      P    N(R)         the lowest bit first
//   RR       1 0 0 0            P/F  N(R)         RNR 1 0 1 0, REJ 1 0 0 1
//   SABM     1 1 1 1            P    1 0 0        and the other U frames
//
// Read and written by LapbStation.
#pragma once

#include <array>
#include <cstdint>

#include "strata/0_foundation/bytes.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata::link {

enum class LapbModulus : std::uint8_t { basic = 8, extended = 128 };

// DTE is A, DCE is B (X.25 2.4.2). A command has the address of whom it is for, a response that of
// its sender.
enum class LapbAddress : std::uint8_t { a = 0x03, b = 0x01 };

enum class LapbType : std::uint8_t {
    information,        // I
    receive_ready,      // RR
    receive_not_ready,  // RNR
    reject,             // REJ
    set_mode,           // SABM
    set_mode_extended,  // SABME
    disconnect,         // DISC
    acknowledgment,     // UA
    disconnected_mode,  // DM
    frame_reject,       // FRMR
};

struct LapbFrame {
    static constexpr std::size_t header_size_max = 3;

    LapbAddress address{};
    LapbType type{};
    bool poll_final = false;
    std::uint8_t ns = 0;  // of I frames
    std::uint8_t nr = 0;  // of I and S frames
    Bytes information;

    // Errors: truncated, bad_address (neither A nor B), not_supported (an undefined control field).
    [[nodiscard]] static Result<LapbFrame> parse(Bytes frame, LapbModulus modulus) noexcept;
    // The address and control field; returns their size.
    [[nodiscard]] std::size_t write_header(std::byte* to, LapbModulus modulus) const noexcept;

    [[nodiscard]] bool is_supervisory() const noexcept {
        return type == LapbType::receive_ready || type == LapbType::receive_not_ready || type == LapbType::reject;
    }
    [[nodiscard]] bool may_be_command() const noexcept {
        return type != LapbType::acknowledgment && type != LapbType::disconnected_mode &&
               type != LapbType::frame_reject;
    }
    [[nodiscard]] bool may_be_response() const noexcept { return is_supervisory() || !may_be_command(); }
    [[nodiscard]] bool may_have_information() const noexcept {
        return type == LapbType::information || type == LapbType::frame_reject;
    }
};

// Why a frame is rejected, in FRMR's information field (X.25 2.3.4.9, table 2-7; extended: 2-8).
struct LapbRejection {
    static constexpr std::size_t size_max = 5;
    enum Reason : std::uint8_t {
        undefined_control = 0x01,      // W
        unwanted_information = 0x03,   // X, which sets W too
        information_too_long = 0x04,   // Y
        invalid_receive_number = 0x08  // Z: N(R)
    };

    std::array<std::byte, 2> control{};  // of the rejected frame
    std::uint8_t vs = 0, vr = 0;         // the rejecting station's
    bool was_response = false;
    Reason reason{};

    // Returns how many octets it is.
    [[nodiscard]] std::size_t write(std::byte* to, LapbModulus modulus) const noexcept;
};

}  // namespace strata::link
