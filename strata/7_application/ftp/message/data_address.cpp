#include "strata/7_application/ftp/message/data_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "strata/0_foundation/decimal.hpp"

namespace strata::application::ftp {
namespace {

constexpr bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

}  // namespace

std::optional<Endpoint> parse_port_argument(std::string_view argument) {
    std::array<std::uint8_t, 6> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const bool last = i + 1 == octets.size();
        const std::size_t comma = last ? argument.size() : argument.find(',');
        if (comma == std::string_view::npos) return std::nullopt;
        const auto octet = parse_decimal<std::uint8_t>(argument.substr(0, comma));
        if (!octet) return std::nullopt;
        octets[i] = *octet;
        argument.remove_prefix(last ? comma : comma + 1);
    }
    const auto port = static_cast<std::uint16_t>(octets[4] << 8 | octets[5]);
    return Endpoint{IpAddress{Ipv4Address{octets[0], octets[1], octets[2], octets[3]}}, PortNumber{port}};
}

std::string format_port_argument(const Endpoint& at) {
    std::string text = at.address.to_string();
    std::ranges::replace(text, '.', ',');
    const std::uint16_t port = number_of(at.port);
    return fmt::format("{},{},{}", text, port >> 8, port & 0xff);
}

std::expected<Endpoint, BadEprt> parse_eprt_argument(std::string_view argument) {
    const auto wrong = std::unexpected(BadEprt::syntax);
    if (argument.empty()) return wrong;
    const char delimiter = argument.front();
    if (delimiter < 33 || delimiter > 126 || is_digit(delimiter) || argument.back() != delimiter) return wrong;
    std::array<std::string_view, 3> fields;
    for (std::string_view& field : fields) {
        argument.remove_prefix(1);
        const std::size_t end = argument.find(delimiter);
        if (end == std::string_view::npos) return wrong;
        field = argument.substr(0, end);
        argument.remove_prefix(end);
    }
    const auto family = parse_decimal<unsigned>(fields[0]);
    const auto port = parse_decimal<std::uint16_t>(fields[2]);
    if (argument.size() != 1 || !family || !port) return wrong;
    if (*family != 1 && *family != 2) return std::unexpected(BadEprt::family);
    const auto address = IpAddress::parse(fields[1]);
    if (!address || address->is_v4() != (*family == 1)) return wrong;
    return Endpoint{*address, PortNumber{*port}};
}

std::string format_eprt_argument(const Endpoint& at) {
    return fmt::format("|{}|{}|{}|", at.address.is_v4() ? 1 : 2, at.address.to_string(), number_of(at.port));
}

// RFC 1123 4.1.2.6: by its first digit, whatever is around it.
std::optional<Endpoint> find_passive_address(std::string_view text) {
    for (auto begin = std::ranges::find_if(text, is_digit); begin != text.end();
         begin = std::find_if(begin, text.end(), is_digit)) {
        const auto end =
            std::find_if_not(begin, text.end(), [](char letter) { return is_digit(letter) || letter == ','; });
        const auto at = parse_port_argument({begin, end});
        if (at) return number_of(at->port) == 0 ? std::nullopt : at;
        begin = end;
    }
    return std::nullopt;
}

std::optional<std::uint16_t> find_extended_passive_port(std::string_view text) {
    const std::size_t open = text.rfind('(');
    const std::size_t close = text.find(')', open == std::string_view::npos ? 0 : open);
    if (open == std::string_view::npos || close == std::string_view::npos || close - open < 6) return std::nullopt;
    const std::string_view inside = text.substr(open + 1, close - open - 1);
    const char delimiter = inside.front();
    if (inside[1] != delimiter || inside[2] != delimiter || inside.back() != delimiter) return std::nullopt;
    const auto port = parse_decimal<std::uint16_t>(inside.substr(3, inside.size() - 4));
    return port && *port != 0 ? port : std::nullopt;
}

}  // namespace strata::application::ftp
