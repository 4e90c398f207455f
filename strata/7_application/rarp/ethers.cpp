#include "strata/7_application/rarp/ethers.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/printable.hpp"

namespace strata::application::rarp {
namespace {

// Without its comment, as words.
std::vector<std::string_view> words_of(std::string_view line) {
    line = line.substr(0, line.find('#'));
    std::vector<std::string_view> words;
    constexpr std::string_view blanks = " \t\r\f\v";
    while (true) {
        const std::size_t begin = line.find_first_not_of(blanks);
        if (begin == std::string_view::npos) return words;
        line.remove_prefix(begin);
        const std::size_t end = std::min(line.find_first_of(blanks), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

// Calls each(number, words) for every line that has some, until it returns false.
template <typename Each>
void for_each_line(std::string_view text, Each&& each) {
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const auto words = words_of(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (!words.empty() && !each(number, words)) return;
    }
}

// One or two digits a part, as ethers(5) has it: "8:0:20:0:61:ca".
std::optional<MacAddress> parse_machine(std::string_view text) {
    std::array<std::uint8_t, MacAddress::size> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const bool last = i + 1 == octets.size();
        const std::size_t length = last ? text.size() : text.find(':');
        if (length < 1 || length > 2 || (!last && length == std::string_view::npos)) return std::nullopt;
        unsigned octet = 0;
        for (const char letter : text.substr(0, length)) {
            const auto digit = hex_digit(letter);
            if (!digit) return std::nullopt;
            octet = octet * 16 + *digit;
        }
        octets[i] = static_cast<std::uint8_t>(octet);
        text.remove_prefix(last ? length : length + 1);
    }
    return MacAddress{octets};
}

std::string quoted(std::string_view word) {
    std::string text = "'";
    text += printable(word);
    return text += '\'';
}

}  // namespace

Hosts parse_hosts(std::string_view text) {
    Hosts hosts;
    for_each_line(text, [&](std::size_t, const std::vector<std::string_view>& words) {
        const auto address = Ipv4Address::parse(words.front());
        if (!address) return true;
        for (std::size_t i = 1; i < words.size(); ++i) hosts.emplace(in_lower_case(words[i]), *address);
        return true;
    });
    return hosts;
}

std::expected<link::RarpTable, BadLine> parse_ethers(std::string_view text, const Hosts& hosts,
                                                     std::size_t entries_max) {
    link::RarpTable table{entries_max};
    std::optional<BadLine> bad;
    const auto refuse = [&](std::size_t number, std::string what) {
        bad = BadLine{number, std::move(what)};
        return false;
    };
    for_each_line(text, [&](std::size_t number, const std::vector<std::string_view>& words) {
        if (words.size() != 2) return refuse(number, "a line has a hardware address, and an IP address or a name");
        const auto machine = parse_machine(words[0]);
        if (!machine) {
            return refuse(number, quoted(words[0]) + " is no hardware address; write one like 02:00:00:00:00:01");
        }
        if (table.addresses().contains(*machine)) return refuse(number, quoted(words[0]) + " is there already");
        const auto named = hosts.find(in_lower_case(words[1]));
        const auto written = Ipv4Address::parse(words[1]);
        if (!written && named == hosts.end()) return refuse(number, "no host " + quoted(words[1]) + " is known");
        const std::error_code error = table.add(*machine, written ? *written : named->second);
        if (error == Error::limit_reached) {
            return refuse(number, "more than " + std::to_string(entries_max) + " machines");
        }
        if (error) return refuse(number, quoted(words[0]) + " with " + quoted(words[1]) + " can be no machine's");
        return true;
    });
    if (bad) return std::unexpected(*bad);
    return table;
}

}  // namespace strata::application::rarp
