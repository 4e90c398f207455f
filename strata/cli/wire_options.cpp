#include "strata/cli/wire_options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "strata/0_foundation/ascii.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

constexpr std::size_t interface_name_max = 15;
constexpr std::uint64_t queue_max = 1'000'000;
constexpr double rate_max = 1e12;     // bit/s
constexpr double delay_max = 3600e9;  // ns
constexpr std::size_t frame_max = 66560;

[[noreturn]] void refuse_option(std::string_view option, std::string_view text, std::string_view wanted) {
    throw WrongUse(fmt::format("{}: '{}' is not understood; write {}", option, text, wanted));
}

struct Unit {
    std::string_view name;
    double factor;
};

// A number from 0 to `most` (after its factor) with one of the units behind it.
template <std::size_t count>
double measure(std::string_view option, std::string_view text, const std::array<Unit, count>& units, double most,
               std::string_view wanted) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
    const auto unit_size = static_cast<std::size_t>(text.data() + text.size() - end);
    const std::string_view unit_text{end, unit_size};
    for (const Unit& unit : units) {
        if (error != std::errc{} || !equal_ignoring_case(unit_text, unit.name)) continue;
        const double value = number * unit.factor;
        if (std::isfinite(value) && value >= 0 && value <= most) return value;
    }
    refuse_option(option, text, wanted);
}

std::uint64_t rate_of(const std::string& text) {
    constexpr std::array<Unit, 4> units{{{"bit", 1}, {"kbit", 1e3}, {"Mbit", 1e6}, {"Gbit", 1e9}}};
    constexpr std::string_view wanted =
        "a number and bit, kbit, Mbit or Gbit, from 1bit to 1000Gbit a second, such as 256kbit";
    const double bits = measure("--rate", text, units, rate_max, wanted);
    if (bits < 1) refuse_option("--rate", text, wanted);
    return static_cast<std::uint64_t>(bits);
}

Duration time_of(std::string_view option, const std::string& text) {
    constexpr std::array<Unit, 3> units{{{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}}};
    return Duration{static_cast<std::int64_t>(
        measure(option, text, units, delay_max, "a number and us, ms or s, up to 3600s, such as 20ms"))};
}

double share_of(std::string_view option, const std::string& text) {
    constexpr std::array<Unit, 1> units{{{"%", 0.01}}};
    return measure(option, text, units, 1, "a share from 0% to 100%, such as 1%");
}

std::uint64_t count_of(std::string_view option, const std::string& text, std::uint64_t least, std::uint64_t most) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most) {
        refuse_option(option, text, fmt::format("a whole number from {} to {}", least, most));
    }
    return number;
}

std::string interface_of(const std::string& text) {
    const std::string_view name = std::string_view{text}.substr(text.starts_with("tap:") ? 4 : text.size());
    if (name.empty() || name.size() > interface_name_max || name.find_first_of("/ ,") != std::string_view::npos) {
        throw WrongUse(fmt::format("'{}' is no end of a wire; write tap:NAME with a name of at most 15 letters", text));
    }
    return std::string{name};
}

std::string in_unit(double value, std::string_view unit) { return fmt::format("{:g} {}", value, unit); }

std::string readable_rate(std::uint64_t bits) {
    if (bits >= 1'000'000) return in_unit(static_cast<double>(bits) / 1e6, "Mbit/s");
    if (bits >= 1'000) return in_unit(static_cast<double>(bits) / 1e3, "kbit/s");
    return in_unit(static_cast<double>(bits), "bit/s");
}

}  // namespace

WireOptions parse_wire(const WireTexts& texts) {
    WireOptions options;
    options.a = interface_of(texts.a);
    options.b = interface_of(texts.b);
    if (options.a == options.b)
        throw WrongUse(fmt::format("a wire has two ends, and both are tap:{}; name another device", options.a));
    physical::CableWayOptions& way = options.way;
    // As a router's queue: the kernel's side of a TAP cannot be asked to wait.
    way.drop_when_full = true;
    if (!texts.rate.empty()) way.bits_per_second = rate_of(texts.rate);
    if (!texts.delay.empty()) way.delay = time_of("--delay", texts.delay);
    if (!texts.jitter.empty()) way.jitter = time_of("--jitter", texts.jitter);
    if (!texts.loss.empty()) way.loss = share_of("--loss", texts.loss);
    if (!texts.duplicate.empty()) way.duplication = share_of("--duplicate", texts.duplicate);
    if (!texts.reorder.empty()) way.reordering = share_of("--reorder", texts.reorder);
    if (!texts.queue.empty()) way.queue_frames_max = count_of("--queue", texts.queue, 1, queue_max);
    way.queue_bytes_max = way.queue_frames_max * frame_max;  // the bound that counts is in frames
    if (!texts.seed.empty()) options.seed = count_of("--seed", texts.seed, 0, UINT64_MAX);
    if (!texts.seconds.empty()) {
        constexpr std::array<Unit, 2> units{{{"", 1e9}, {"s", 1e9}}};
        const double time =
            measure("--for", texts.seconds, units, 1e18, "a number of seconds from 0 to 1000000000, such as 60");
        options.duration = saturating_seconds(time / 1e9);
    }
    return options;
}

std::string describe(const physical::CableWayOptions& way) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    const auto milliseconds = [](Duration time) { return in_unit(seconds_of(time) * 1e3, "ms"); };
    const auto percent = [](double share) { return in_unit(share * 100, "%"); };
    if (way.bits_per_second != 0) add(readable_rate(way.bits_per_second));
    if (way.delay > Duration{}) add(milliseconds(way.delay) + " delay");
    if (way.jitter > Duration{}) add("up to " + milliseconds(way.jitter) + " jitter");
    if (way.loss > 0) add(percent(way.loss) + " lost");
    if (way.duplication > 0) add(percent(way.duplication) + " doubled");
    if (way.reordering > 0) add(percent(way.reordering) + " overtaken");
    if (way.bits_per_second != 0) add(fmt::format("a queue of {} frames", way.queue_frames_max));
    return text.empty() ? "nothing done to frames" : text;
}

}  // namespace strata::cli
