// Reading and writing addresses. Texts come from people and from the
// network alike, so each parser looks at every byte, takes nothing but
// the exact form, and stops at the longest text that form can have.
#include "strata/0_foundation/address.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <optional>

#include "strata/0_foundation/ascii.hpp"
#include "strata/0_foundation/error.hpp"

namespace strata {
namespace {

// A decimal number without sign or leading zeros, at most `max`.
std::optional<unsigned> parse_decimal(std::string_view text, unsigned max) noexcept {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    unsigned value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return std::nullopt;
        value = value * 10 + static_cast<unsigned>(digit - '0');
    }
    if (value > max) return std::nullopt;
    return value;
}

struct Halves {
    std::string_view before;
    std::string_view after;
};

std::optional<Halves> split_at_last(std::string_view text, char separator) noexcept {
    const auto place = text.rfind(separator);
    if (place == std::string_view::npos) return std::nullopt;
    return Halves{text.substr(0, place), text.substr(place + 1)};
}

// Mixes 64 bits so that every bit of the result depends on all of
// them (the finalizer of MurmurHash3, Appleby).
constexpr std::uint64_t mixed(std::uint64_t word) noexcept {
    word = (word ^ (word >> 33)) * 0xff51afd7ed558ccd;
    word = (word ^ (word >> 33)) * 0xc4ceb9fe1a85ec53;
    return word ^ (word >> 33);
}

}  // namespace

std::expected<MacAddress, std::error_code> MacAddress::parse(std::string_view text) {
    if (text.size() != 17) return fail(Error::bad_address);
    std::array<std::uint8_t, size> octets{};
    for (std::size_t i = 0; i < size; ++i) {
        const auto high = hex_digit(text[3 * i]);
        const auto low = hex_digit(text[3 * i + 1]);
        if (!high || !low) return fail(Error::bad_address);
        if (i + 1 < size && text[3 * i + 2] != text[2]) return fail(Error::bad_address);
        octets[i] = static_cast<std::uint8_t>(*high << 4 | *low);
    }
    if (text[2] != ':' && text[2] != '-') return fail(Error::bad_address);
    return MacAddress{octets};
}

std::string MacAddress::to_string() const {
    return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", octets_[0], octets_[1], octets_[2], octets_[3],
                       octets_[4], octets_[5]);
}

std::expected<Ipv4Address, std::error_code> Ipv4Address::parse(std::string_view text) {
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        const auto end = part < 3 ? text.find('.') : text.size();
        if (end == std::string_view::npos) return fail(Error::bad_address);
        const auto octet = parse_decimal(text.substr(0, end), 255);
        if (!octet) return fail(Error::bad_address);
        value = value << 8 | *octet;
        text.remove_prefix(part < 3 ? end + 1 : end);
    }
    return Ipv4Address{value};
}

std::string Ipv4Address::to_string() const {
    return fmt::format("{}.{}.{}.{}", value_ >> 24, value_ >> 16 & 0xff, value_ >> 8 & 0xff, value_ & 0xff);
}

// The C library reads and writes IPv6 as RFC 4291 and RFC 5952 say;
// it touches nothing but its arguments.
std::expected<Ipv6Address, std::error_code> Ipv6Address::parse(std::string_view text) {
    std::array<char, INET6_ADDRSTRLEN> terminated{};
    if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return fail(Error::bad_address);
    text.copy(terminated.data(), text.size());
    std::array<std::uint8_t, size> octets{};
    if (::inet_pton(AF_INET6, terminated.data(), octets.data()) != 1) return fail(Error::bad_address);
    return Ipv6Address{octets};
}

std::string Ipv6Address::to_string() const {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const char* written = ::inet_ntop(AF_INET6, octets_.data(), text.data(), text.size());
    return written == nullptr ? std::string{} : std::string{written};
}

std::expected<IpAddress, std::error_code> IpAddress::parse(std::string_view text) {
    if (text.find(':') != std::string_view::npos) {
        const auto v6 = Ipv6Address::parse(text);
        if (!v6) return std::unexpected(v6.error());
        return IpAddress{*v6};
    }
    const auto v4 = Ipv4Address::parse(text);
    if (!v4) return std::unexpected(v4.error());
    return IpAddress{*v4};
}

std::string IpAddress::to_string() const { return is_v4() ? v4().to_string() : v6().to_string(); }

std::size_t IpAddress::hash() const noexcept {
    std::array<std::uint64_t, 2> words{};
    std::memcpy(words.data(), octets_.data(), octets_.size());
    return mixed(words[0] + mixed(words[1]));
}

std::expected<IpInterfaceAddress, std::error_code> IpInterfaceAddress::parse(std::string_view text) {
    const auto halves = split_at_last(text, '/');
    if (!halves) return fail(Error::bad_address);
    const auto address = IpAddress::parse(halves->before);
    // "::ffff:10.0.0.1/104" counts its length from another beginning
    // than "10.0.0.1/8", and nobody means it.
    const bool v6_text = halves->before.find(':') != std::string_view::npos;
    if (!address || address->is_v4() == v6_text) return fail(Error::bad_address);
    const auto length = parse_decimal(halves->after, v6_text ? 128 : 32);
    if (!length) return fail(Error::bad_address);
    return IpInterfaceAddress{*address, *length};
}

std::string IpInterfaceAddress::to_string() const { return fmt::format("{}/{}", address.to_string(), length); }

std::expected<IpPrefix, std::error_code> IpPrefix::parse(std::string_view text) {
    const auto parsed = IpInterfaceAddress::parse(text);
    if (!parsed) return fail(Error::bad_address);
    const IpPrefix prefix = parsed->prefix();
    if (prefix.network() != parsed->address) return fail(Error::bad_address);
    return prefix;
}

std::string IpPrefix::to_string() const { return fmt::format("{}/{}", network().to_string(), length_); }

std::expected<Ipv4InterfaceAddress, std::error_code> Ipv4InterfaceAddress::parse(std::string_view text) {
    const auto parsed = IpInterfaceAddress::parse(text);
    if (!parsed || !parsed->address.is_v4()) return fail(Error::bad_address);
    return Ipv4InterfaceAddress{parsed->address.v4(), parsed->length};
}

std::string Ipv4InterfaceAddress::to_string() const { return IpInterfaceAddress{*this}.to_string(); }

std::expected<Ipv4Prefix, std::error_code> Ipv4Prefix::parse(std::string_view text) {
    const auto parsed = IpPrefix::parse(text);
    if (!parsed || !parsed->network().is_v4()) return fail(Error::bad_address);
    return Ipv4Prefix{parsed->network().v4(), parsed->length()};
}

std::string Ipv4Prefix::to_string() const { return IpPrefix{*this}.to_string(); }

std::expected<PortNumber, std::error_code> parse_port(std::string_view text) {
    const auto number = parse_decimal(text, 65535);
    if (!number) return fail(Error::bad_address);
    return static_cast<PortNumber>(*number);
}

std::expected<Endpoint, std::error_code> Endpoint::parse(std::string_view text) {
    const auto halves = split_at_last(text, ':');
    if (!halves) return fail(Error::bad_address);
    const auto port = parse_port(halves->after);
    if (!port) return fail(Error::bad_address);
    const std::string_view host = halves->before;
    if (host.starts_with('[') && host.ends_with(']') && host.size() > 2) {
        const auto v6 = Ipv6Address::parse(host.substr(1, host.size() - 2));
        if (!v6) return fail(Error::bad_address);
        return Endpoint{*v6, *port};
    }
    const auto v4 = Ipv4Address::parse(host);
    if (!v4) return fail(Error::bad_address);
    return Endpoint{*v4, *port};
}

std::string Endpoint::to_string() const {
    const std::string host = address.is_v4() ? address.to_string() : fmt::format("[{}]", address.to_string());
    return fmt::format("{}:{}", host, number_of(port));
}

}  // namespace strata

std::size_t std::hash<strata::MacAddress>::operator()(const strata::MacAddress& address) const noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, address.octets().data(), strata::MacAddress::size);
    return strata::mixed(word);
}
