// Bytes and big-endian access.
//
// The network's byte order is big-endian (RFC 1700, "network byte order"). Everything above reads
// and writes multi-byte fields through these functions alone, so that no floor ever casts a pointer
// to an integer. The callers have tested the length before: nothing here can fail.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace strata {

using Bytes = std::span<const std::byte>;
using MutableBytes = std::span<std::byte>;

template <typename Integer>
[[nodiscard]] inline Integer load_big_endian(const std::byte* from) noexcept {
    Integer value;
    std::memcpy(&value, from, sizeof value);
    if constexpr (std::endian::native == std::endian::little && sizeof value > 1) value = std::byteswap(value);
    return value;
}

template <typename Integer>
inline void store_big_endian(std::byte* to, Integer value) noexcept {
    if constexpr (std::endian::native == std::endian::little && sizeof value > 1) value = std::byteswap(value);
    std::memcpy(to, &value, sizeof value);
}

[[nodiscard]] inline std::uint8_t load_u8(const std::byte* from) noexcept {
    return std::to_integer<std::uint8_t>(*from);
}
[[nodiscard]] inline std::uint16_t load_be16(const std::byte* from) noexcept {
    return load_big_endian<std::uint16_t>(from);
}
[[nodiscard]] inline std::uint32_t load_be32(const std::byte* from) noexcept {
    return load_big_endian<std::uint32_t>(from);
}
inline void store_u8(std::byte* to, std::uint8_t value) noexcept { *to = std::byte{value}; }
inline void store_be16(std::byte* to, std::uint16_t value) noexcept { store_big_endian(to, value); }
inline void store_be32(std::byte* to, std::uint32_t value) noexcept { store_big_endian(to, value); }

// The bytes of a text, and a text of the bytes: views, nothing is copied.
[[nodiscard]] inline Bytes bytes_of(std::string_view text) noexcept {
    return std::as_bytes(std::span{text.data(), text.size()});
}
[[nodiscard]] inline std::string_view text_of(Bytes bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace strata
