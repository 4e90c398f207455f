// The TCP header (RFC 9293 3.1): a checked view over its bytes, and
// the Segment that the rest of TCP works with.
#pragma once

#include <cstdint>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/packet.hpp"
#include "strata/4_transport/tcp/segment/options.hpp"

namespace strata::transport::tcp {

// The control bits (RFC 9293 3.1), in the order of the header's byte. CWR and ECE (RFC 3168) are
// read but not used yet.
class ControlBits {
public:
    enum class Bit : std::uint8_t {
        fin = 0x01,
        syn = 0x02,
        rst = 0x04,
        psh = 0x08,
        ack = 0x10,
        urg = 0x20,
        ece = 0x40,
        cwr = 0x80,
    };
    using enum Bit;

    constexpr ControlBits() = default;
    constexpr ControlBits(Bit bit) noexcept : byte_(static_cast<std::uint8_t>(bit)) {}  // NOLINT(*explicit*)
    [[nodiscard]] static constexpr ControlBits of_byte(std::uint8_t byte) noexcept {
        ControlBits bits;
        bits.byte_ = byte;
        return bits;
    }

    [[nodiscard]] constexpr std::uint8_t byte() const noexcept { return byte_; }
    // At least one of them.
    [[nodiscard]] constexpr bool has(ControlBits bits) const noexcept { return (byte_ & bits.byte_) != 0; }
    constexpr void set(ControlBits bits) noexcept { byte_ = static_cast<std::uint8_t>(byte_ | bits.byte_); }
    constexpr void clear(ControlBits bits) noexcept { byte_ = static_cast<std::uint8_t>(byte_ & ~bits.byte_); }
    [[nodiscard]] constexpr ControlBits without(ControlBits bits) const noexcept {
        ControlBits result = *this;
        result.clear(bits);
        return result;
    }
    friend constexpr bool operator==(ControlBits, ControlBits) noexcept = default;

private:
    std::uint8_t byte_ = 0;
};

[[nodiscard]] constexpr ControlBits operator|(ControlBits a, ControlBits b) noexcept {
    return ControlBits::of_byte(static_cast<std::uint8_t>(a.byte() | b.byte()));
}
[[nodiscard]] constexpr ControlBits operator|(ControlBits::Bit a, ControlBits::Bit b) noexcept {
    return ControlBits(a) | ControlBits(b);
}

// A view whose length was tested once: no accessor can fail.
class HeaderView {
public:
    static constexpr std::size_t size_min = 20;
    static constexpr std::size_t size_max = 60;
    static constexpr std::size_t checksum_field = 16;

    // Errors: truncated (shorter than the header says), malformed (a data offset below 5).
    [[nodiscard]] static Result<HeaderView> of(Bytes bytes) noexcept {
        if (bytes.size() < size_min) return fail(Error::truncated);
        const std::size_t size = std::size_t{load_u8(bytes.data() + 12)} >> 4 << 2;
        if (size < size_min) return fail(Error::malformed);
        if (size > bytes.size()) return fail(Error::truncated);
        return HeaderView{bytes.first(size)};
    }

    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
    [[nodiscard]] PortNumber source_port() const noexcept { return PortNumber{load_be16(bytes_.data())}; }
    [[nodiscard]] PortNumber destination_port() const noexcept { return PortNumber{load_be16(bytes_.data() + 2)}; }
    [[nodiscard]] SequenceNumber sequence() const noexcept { return SequenceNumber{load_be32(bytes_.data() + 4)}; }
    [[nodiscard]] SequenceNumber acknowledgment() const noexcept {
        return SequenceNumber{load_be32(bytes_.data() + 8)};
    }
    [[nodiscard]] ControlBits control_bits() const noexcept {
        return ControlBits::of_byte(load_u8(bytes_.data() + 13));
    }
    [[nodiscard]] std::uint16_t window() const noexcept { return load_be16(bytes_.data() + 14); }
    [[nodiscard]] std::uint16_t urgent_pointer() const noexcept { return load_be16(bytes_.data() + 18); }
    [[nodiscard]] Bytes options() const noexcept { return bytes_.subspan(size_min); }

private:
    explicit HeaderView(Bytes bytes) noexcept : bytes_(bytes) {}
    Bytes bytes_;
};

// One arriving segment, or several of one flow that followed each other and were merged (see
// demultiplexer/coalesce.hpp).
struct Segment {
    SequenceNumber seq;
    SequenceNumber ack;
    ControlBits control;
    std::uint16_t wnd = 0;  // as in the header: not scaled
    std::uint16_t up = 0;
    std::uint16_t count = 1;  // how many were merged into this one
    SegmentOptions options;
    Packet payload;  // trimmed of the header; never a null packet

    [[nodiscard]] bool has(ControlBits bits) const noexcept { return control.has(bits); }
    // SEG.LEN: SYN and FIN occupy a place each.
    [[nodiscard]] std::uint32_t len() const noexcept {
        return static_cast<std::uint32_t>(payload.size()) + (has(ControlBits::syn) ? 1u : 0u) +
               (has(ControlBits::fin) ? 1u : 0u);
    }
};

// What is written in front of a leaving segment.
struct HeaderFields {
    PortNumber source_port{};
    PortNumber destination_port{};
    SequenceNumber seq;
    SequenceNumber ack;
    ControlBits control;
    std::uint16_t wnd = 0;
    std::uint16_t up = 0;
    // Writes the 20 fixed bytes; `size` is that of the whole header
    // with options. The checksum is left zero.
    void write(std::byte* to, std::size_t size) const noexcept {
        store_be16(to, number_of(source_port));
        store_be16(to + 2, number_of(destination_port));
        store_be32(to + 4, seq.value());
        store_be32(to + 8, ack.value());
        store_u8(to + 12, static_cast<std::uint8_t>(size / 4 << 4));
        store_u8(to + 13, control.byte());
        store_be16(to + 14, wnd);
        store_be16(to + 16, 0);
        store_be16(to + 18, up);
    }
};

}  // namespace strata::transport::tcp
