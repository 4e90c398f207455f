#include "strata/7_application/rpcbind/universal_address.hpp"

#include <fmt/format.h>

#include "strata/0_foundation/decimal.hpp"

namespace strata::application::rpcbind {
namespace {

// Takes ".OCTET" off the end. Leading zeros are not taken: there is one form.
std::optional<std::uint8_t> take_octet(std::string_view& text) {
    const std::size_t dot = text.rfind('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const std::string_view digits = text.substr(dot + 1);
    if (digits.size() > 1 && digits.front() == '0') return std::nullopt;
    text = text.substr(0, dot);
    return parse_decimal<std::uint8_t>(digits);
}

}  // namespace

std::string universal_address(const session::Address& address) {
    if (address.is_unix()) return address.unix_path().path;
    const std::uint16_t port = number_of(address.endpoint().port);
    return fmt::format("{}.{}.{}", address.endpoint().address.to_string(), port >> 8, port & 0xff);
}

Result<Endpoint> parse_universal_address(std::string_view text) {
    const auto low = take_octet(text);
    const auto high = low ? take_octet(text) : std::nullopt;
    if (!high) return fail(Error::bad_address);
    const auto address = IpAddress::parse(text);
    if (!address) return fail(Error::bad_address);
    return Endpoint{*address, PortNumber{static_cast<std::uint16_t>(*high << 8 | *low)}};
}

std::string_view netid_of(session::rpc::Transport transport, const session::Address& address) noexcept {
    if (address.is_unix()) return "local";
    const bool is_v4 = address.endpoint().address.is_v4();
    if (transport == session::rpc::Transport::stream) return is_v4 ? "tcp" : "tcp6";
    return is_v4 ? "udp" : "udp6";
}

}  // namespace strata::application::rpcbind
