// The types of XDR (RFC 4506 4) that C++ has no equal for: what is of variable length, with its
// bound. A struct of a protocol is made of them and describes its fields once, for Reader and
// Writer; xdr.hpp shows how.
//
//     opaque handle<64>     Opaque<64>            string name<255>    Text<255>
//     opaque verifier[8]    std::array<std::byte, 8>
//     entry entries<100>    List<entry, 100>      entry *next         Chain<entry, 100>
//     sattr3 *attributes    std::optional<sattr3>
//     enum, bool, int, unsigned, hyper      an enum of 32 bits, bool, std::int32_t and its kin
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

#include "strata/0_foundation/bytes.hpp"

namespace strata::presentation::xdr {

// RFC 4506 4.10: a declaration without a bound has this one. What is read is bounded by its message
// all the same.
inline constexpr std::uint32_t any_length = std::numeric_limits<std::uint32_t>::max();

// Read, a view into the message; written, of what is copied.
template <std::uint32_t size_max = any_length>
struct Opaque : Bytes {
    using Bytes::Bytes;
    Opaque(Bytes bytes) : Bytes(bytes) {}  // NOLINT(google-explicit-constructor): it is one
};

// The same, but a Writer leaves the bytes outside: large data that is the last of its message and
// goes out by reference (Writer::outside).
template <std::uint32_t size_max = any_length>
struct TrailingOpaque : Bytes {
    using Bytes::Bytes;
    TrailingOpaque(Bytes bytes) : Bytes(bytes) {}  // NOLINT(google-explicit-constructor)
};

// RFC 4506 4.11 says ASCII; any bytes are taken, as NFS has names of any.
template <std::uint32_t size_max = any_length>
struct Text : std::string_view {
    using std::string_view::string_view;
    Text(std::string_view text) : std::string_view(text) {}  // NOLINT(google-explicit-constructor)
};

// A variable-length array.
template <typename Item, std::uint32_t count_max = any_length>
struct List : std::vector<Item> {
    using std::vector<Item>::vector;
};

// A list of optional-data (RFC 4506 4.19): each item is preceded by TRUE, the end is FALSE.
template <typename Item, std::uint32_t count_max = any_length>
struct Chain : std::vector<Item> {
    using std::vector<Item>::vector;
};

struct Void {
    static void fields(auto&, auto&) {}
    bool operator==(const Void&) const = default;
};

// Bytes are followed by zeros to a multiple of four (RFC 4506 3).
[[nodiscard]] constexpr std::size_t padding_of(std::size_t size) noexcept { return (4 - size % 4) % 4; }

}  // namespace strata::presentation::xdr
