#include "strata/7_application/files/output/sections.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include "strata/0_foundation/decimal.hpp"
#include "strata/7_application/files/descriptor.hpp"

namespace strata::application {
namespace {

constexpr std::size_t text_of_sections_max = sections_max * 42;  // two numbers of 20 digits a line

// All of the text is lines of ours, in order.
bool parse_sections(std::string_view text, std::vector<Section>& missing) {
    std::uint64_t behind = 0;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::size_t blank = text.find(' ');
        if (end == std::string_view::npos || blank >= end || missing.size() == sections_max) return false;
        const auto place = parse_decimal<std::uint64_t>(text.substr(0, blank));
        const auto stop = parse_decimal<std::uint64_t>(text.substr(blank + 1, end - blank - 1));
        if (!place || !stop || *place < behind || *stop <= *place) return false;
        missing.push_back({*place, *stop});
        behind = *stop;
        text.remove_prefix(end + 1);
    }
    return !missing.empty();
}

}  // namespace

bool save_sections(const std::string& path, const std::vector<Section>& missing) {
    std::string text;
    for (const Section& each : missing)
        if (each.place < each.end) text += std::to_string(each.place) + " " + std::to_string(each.end) + "\n";
    if (text.empty()) return ::unlink(path.c_str()) == 0;
    const std::string made = path + ".new";
    ::unlink(made.c_str());
    const Descriptor file{::open(made.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666)};
    const bool whole = file && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                       ::rename(made.c_str(), path.c_str()) == 0;
    if (!whole) ::unlink(made.c_str());
    return whole;
}

std::optional<std::vector<Section>> load_sections(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (!file && errno == ENOENT) return std::nullopt;
    std::string text(text_of_sections_max + 1, '\0');
    const ssize_t count = file ? ::read(file.get(), text.data(), text.size()) : 0;
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    std::vector<Section> missing;
    if (text.size() <= text_of_sections_max && parse_sections(text, missing)) return missing;
    return std::vector<Section>{{0, std::numeric_limits<std::uint64_t>::max()}};
}

void divide(std::vector<Section>& missing, std::size_t wanted, std::uint64_t least) {
    std::erase_if(missing, [](const Section& each) { return each.place == each.end; });
    while (!missing.empty() && missing.size() < std::min(wanted, sections_max)) {
        const auto largest =
            std::ranges::max_element(missing, {}, [](const Section& each) { return each.end - each.place; });
        if ((largest->end - largest->place) / 2 < least) return;
        const std::uint64_t middle = largest->place + (largest->end - largest->place) / 2;
        const Section behind{middle, std::exchange(largest->end, middle)};
        missing.insert(largest + 1, behind);
    }
}

}  // namespace strata::application
