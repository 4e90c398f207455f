#include "strata/cli/rate.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

constexpr double bytes_max = 1e15;
constexpr double rate_max = 1e12;

// Nothing if it is no number, or none of these.
std::optional<std::uint64_t> parse_bytes(const std::string& text, double least, double most) {
    double bytes = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, bytes, std::chars_format::fixed);
    std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    constexpr std::string_view units = "kmg";
    const std::size_t place = unit.size() == 1 ? units.find(to_lower(unit.front())) : std::string_view::npos;
    if (place != std::string_view::npos) {
        bytes *= std::pow(1024.0, static_cast<double>(place + 1));
        unit = {};
    }
    if (error != std::errc{} || !unit.empty() || !std::isfinite(bytes) || bytes < least || bytes > most)
        return std::nullopt;
    return static_cast<std::uint64_t>(bytes);
}

}  // namespace

std::uint64_t parse_byte_rate(std::string_view option, const std::string& text) {
    if (const auto rate = parse_bytes(text, 1, rate_max)) return *rate;
    throw WrongUse(
        fmt::format("{}: '{}' is not understood; write bytes a second, from 1 to {:.0f}, or with K, M or G, "
                    "such as 500K",
                    option, printable(text), rate_max));
}

std::uint64_t parse_byte_count(std::string_view option, const std::string& text) {
    if (const auto count = parse_bytes(text, 0, bytes_max)) return *count;
    throw WrongUse(
        fmt::format("{}: '{}' is not understood; write bytes, from 0 to {:.0f}, or with K, M or G, such as 2G", option,
                    printable(text), bytes_max));
}

}  // namespace strata::cli
