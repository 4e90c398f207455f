// Range requests (RFC 9110 14): which bytes of a file are asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace strata::application::http {

struct ByteRange {
    std::uint64_t first = 0;
    std::uint64_t count = 0;
    constexpr bool operator==(const ByteRange&) const = default;
};

struct RangeAnswer {
    enum class Kind {
        whole,          // no range, one that is not understood, or one that asks too much: the whole file (14.2)
        parts,          // these
        unsatisfiable,  // 416
    };
    Kind kind = Kind::whole;
    std::vector<ByteRange> parts;
};

// More ranges than this, or ranges that overlap more than once, are an attack on the server's work
// (RFC 9110 17.15): answered whole.
inline constexpr std::size_t ranges_max = 32;

[[nodiscard]] RangeAnswer parse_range(std::string_view header, std::uint64_t file_size);

}  // namespace strata::application::http
