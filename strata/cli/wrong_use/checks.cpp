#include "strata/cli/wrong_use/checks.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <type_traits>

namespace strata::cli {
namespace {

// The whole text as a number; infinities and NaN are none.
template <typename Number>
std::optional<Number> number_of(const std::string& text) {
    Number number{};
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end) return std::nullopt;
    if constexpr (std::is_floating_point_v<Number>) {
        if (!std::isfinite(number)) return std::nullopt;
    }
    return number;
}

template <typename Number, typename Lawful>
CLI::Validator check(std::string wanted, Lawful lawful) {
    return {[wanted = std::move(wanted), lawful](const std::string& text) -> std::string {
                const auto number = number_of<Number>(text);
                if (number && lawful(*number)) return {};
                return fmt::format("'{}' is not understood; write {}", text, wanted);
            },
            ""};
}

}  // namespace

CLI::Validator seconds_from(double least, double most) {
    return check<double>(fmt::format("a number of seconds from {:.0f} to {:.0f}", least, most),
                         [least, most](double number) { return number >= least && number <= most; });
}

CLI::Validator seconds_above_zero(double most) {
    return check<double>(fmt::format("a number of seconds above 0 and up to {:.0f}", most),
                         [most](double number) { return number > 0 && number <= most; });
}

CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
    return check<std::uint64_t>(fmt::format("a whole number from {} to {}", least, most),
                                [least, most](std::uint64_t number) { return number >= least && number <= most; });
}

void refuse_empty_values(CLI::App& command) {
    for (CLI::Option* option : command.get_options()) {
        const std::string type = option->get_type_name();
        const bool flag = option->get_items_expected_max() == 0;
        if (flag || option->get_positional() || type.starts_with("TEXT")) continue;
        option->check([name = option->get_name()](const std::string& text) -> std::string {
            return text.empty() ? fmt::format("nothing is given; write a value, or leave {} out", name) : "";
        });
    }
}

}  // namespace strata::cli
