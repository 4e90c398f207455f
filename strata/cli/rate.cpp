#include "strata/cli/rate.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/printable.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {

std::uint64_t parse_byte_rate(std::string_view option, const std::string& text) {
    constexpr double rate_max = 1e12;
    double rate = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, rate, std::chars_format::fixed);
    std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    constexpr std::string_view units = "kmg";
    const std::size_t place = unit.size() == 1 ? units.find(to_lower(unit.front())) : std::string_view::npos;
    if (place != std::string_view::npos) {
        rate *= std::pow(1024.0, static_cast<double>(place + 1));
        unit = {};
    }
    if (error != std::errc{} || !unit.empty() || !std::isfinite(rate) || rate < 1 || rate > rate_max)
        throw WrongUse(
            fmt::format("{}: '{}' is not understood; write bytes a second, from 1 to {:.0f}, or with K, M or G, "
                        "such as 500K",
                        option, printable(text), rate_max));
    return static_cast<std::uint64_t>(rate);
}

}  // namespace strata::cli
