#include "strata/7_application/tftp/message/options.hpp"

#include <algorithm>
#include <charconv>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/printable.hpp"

namespace strata::application::tftp {
namespace {

constexpr std::string_view sliding_name = "sliding";
constexpr std::string_view sliding_value = "1";

// Digits, and nothing else.
std::optional<std::uint64_t> number_of(std::string_view text) noexcept {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<std::uint32_t> between(std::string_view text, std::uint32_t least, std::uint32_t most) noexcept {
    const auto value = number_of(text);
    if (!value || *value < least || *value > most) return std::nullopt;
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::uint32_t> blksize_of(std::string_view text) noexcept {
    const auto value = number_of(text);
    if (!value || *value < blksize_least) return std::nullopt;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(*value, blksize_most));
}

template <typename Value>
void set_once(std::optional<Value>& to, const std::optional<Value>& value, bool& seen) {
    if (!seen) to = value;
    seen = true;
}

std::string odd(const Option& option, std::string_view why) {
    return "the server's " + printable(option.name) + " " + printable(option.value) + " " + std::string(why);
}

// Why an answer's value is not one to what was asked; empty if it is.
template <typename Value>
std::string judge(const Option& option, const std::optional<Value>& asked, const std::optional<Value>& value,
                  bool may_be_less) {
    if (!asked) return odd(option, "was not asked for");
    if (!value) return odd(option, "is not lawful");
    if (may_be_less ? *value > *asked : *value != *asked) return odd(option, "is not what was asked for");
    return {};
}

std::string judge(const Option& option, const OptionValues& asked, OptionValues& into) {
    if (equal_ignoring_case(option.name, "blksize")) {
        into.blksize = between(option.value, blksize_least, blksize_most);
        return judge(option, asked.blksize, into.blksize, true);
    }
    if (equal_ignoring_case(option.name, "windowsize")) {
        into.windowsize = between(option.value, 1, windowsize_most);
        return judge(option, asked.windowsize, into.windowsize, true);
    }
    if (equal_ignoring_case(option.name, "timeout")) {
        into.timeout = between(option.value, 1, timeout_most);
        return judge(option, asked.timeout, into.timeout, false);
    }
    if (equal_ignoring_case(option.name, "tsize")) {
        into.tsize = number_of(option.value);
        return judge(option, asked.tsize, into.tsize ? asked.tsize : into.tsize, false);
    }
    if (equal_ignoring_case(option.name, sliding_name)) {
        into.sliding = option.value == sliding_value;
        if (!asked.sliding) return odd(option, "was not asked for");
        return into.sliding ? "" : odd(option, "is not what was asked for");
    }
    return odd(option, "was not asked for");
}

}  // namespace

OptionValues values_of(const OptionList& options) {
    OptionValues values;
    bool blksize = false, windowsize = false, timeout = false, tsize = false;
    for (const Option& option : options) {
        if (equal_ignoring_case(option.name, "blksize")) set_once(values.blksize, blksize_of(option.value), blksize);
        if (equal_ignoring_case(option.name, "windowsize"))
            set_once(values.windowsize, between(option.value, 1, windowsize_most), windowsize);
        if (equal_ignoring_case(option.name, "timeout"))
            set_once(values.timeout, between(option.value, 1, timeout_most), timeout);
        if (equal_ignoring_case(option.name, sliding_name)) values.sliding = option.value == sliding_value;
        if (equal_ignoring_case(option.name, "tsize")) set_once(values.tsize, number_of(option.value), tsize);
    }
    return values;
}

OptionList list_of(const OptionValues& values) {
    OptionList list;
    if (values.blksize) list.push_back({"blksize", std::to_string(*values.blksize)});
    if (values.windowsize) list.push_back({"windowsize", std::to_string(*values.windowsize)});
    if (values.timeout) list.push_back({"timeout", std::to_string(*values.timeout)});
    if (values.tsize) list.push_back({"tsize", std::to_string(*values.tsize)});
    if (values.sliding) list.push_back({std::string(sliding_name), std::string(sliding_value)});
    return list;
}

CheckedAnswer check_answer(const OptionList& answer, const OptionValues& asked) {
    CheckedAnswer checked;
    for (std::size_t i = 0; i < answer.size() && checked.problem.empty(); ++i) {
        const bool twice =
            std::any_of(answer.begin(), answer.begin() + static_cast<std::ptrdiff_t>(i),
                        [&](const Option& other) { return equal_ignoring_case(other.name, answer[i].name); });
        checked.problem = twice ? odd(answer[i], "is there twice") : judge(answer[i], asked, checked.values);
    }
    return checked;
}

}  // namespace strata::application::tftp
