// Addresses: MAC (IEEE 802), IPv4 (RFC 791), IPv6 (RFC 4291),
// prefixes (RFC 4632), ports and endpoints.
//
// Each is a small value that can only be legal. parse() takes a text and returns the value or
// Error::bad_address; it accepts exactly the usual written form (RFC 5952 and RFC 4291 2.2 for
// IPv6; dotted decimal without leading zeros for IPv4, because some programs read those as octal).
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>

#include "strata/0_foundation/bytes.hpp"

namespace strata {

namespace detail {

template <std::size_t first, std::size_t count, std::size_t a_size, std::size_t b_size>
[[nodiscard]] inline bool same_words(const std::array<std::uint8_t, a_size>& a,
                                     const std::array<std::uint8_t, b_size>& b) noexcept {
    if constexpr (count == 0) {
        return true;
    } else {
        using Word = std::conditional_t<(count >= 8), std::uint64_t,
                                        std::conditional_t<(count >= 4), std::uint32_t, std::uint16_t>>;
        static_assert(count % 2 == 0);
        Word left = 0;
        Word right = 0;
        std::memcpy(&left, a.data() + first, sizeof left);
        std::memcpy(&right, b.data() + first, sizeof right);
        return left == right && same_words<first + sizeof(Word), count - sizeof(Word)>(a, b);
    }
}

// Addresses are compared several times a packet: as words, where the library would call memcmp.
template <std::size_t count, std::size_t a_size, std::size_t b_size>
[[nodiscard]] constexpr bool same_octets(const std::array<std::uint8_t, a_size>& a,
                                         const std::array<std::uint8_t, b_size>& b) noexcept {
    if consteval {
        for (std::size_t i = 0; i < count; ++i) {
            if (a[i] != b[i]) return false;
        }
        return true;
    } else {
        return same_words<0, count>(a, b);
    }
}
template <std::size_t size>
[[nodiscard]] constexpr bool same_octets(const std::array<std::uint8_t, size>& a,
                                         const std::array<std::uint8_t, size>& b) noexcept {
    return same_octets<size, size, size>(a, b);
}

}  // namespace detail

class MacAddress {
public:
    static constexpr std::size_t size = 6;
    constexpr MacAddress() = default;
    constexpr explicit MacAddress(std::array<std::uint8_t, size> octets) noexcept : octets_(octets) {}
    [[nodiscard]] static MacAddress load(const std::byte* from) noexcept {
        MacAddress address;
        std::memcpy(address.octets_.data(), from, size);
        return address;
    }
    void store(std::byte* to) const noexcept { std::memcpy(to, octets_.data(), size); }
    // "02:00:0a:00:00:01"; '-' is taken for ':'.
    [[nodiscard]] static std::expected<MacAddress, std::error_code> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] static constexpr MacAddress broadcast() noexcept {
        return MacAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
    }
    [[nodiscard]] constexpr bool is_broadcast() const noexcept { return *this == broadcast(); }
    [[nodiscard]] constexpr bool is_multicast() const noexcept { return (octets_[0] & 1) != 0; }  // I/G bit
    [[nodiscard]] constexpr bool is_zero() const noexcept { return *this == MacAddress{}; }
    [[nodiscard]] constexpr const std::array<std::uint8_t, size>& octets() const noexcept { return octets_; }
    [[nodiscard]] constexpr bool operator==(const MacAddress& other) const noexcept {
        return detail::same_octets(octets_, other.octets_);
    }
    constexpr auto operator<=>(const MacAddress&) const = default;

private:
    std::array<std::uint8_t, size> octets_{};
};

class Ipv4Address {
public:
    static constexpr std::size_t size = 4;
    constexpr Ipv4Address() = default;
    constexpr explicit Ipv4Address(std::uint32_t value) noexcept : value_(value) {}  // host order
    constexpr Ipv4Address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept
        : value_((std::uint32_t{a} << 24) | (std::uint32_t{b} << 16) | (std::uint32_t{c} << 8) | d) {}
    [[nodiscard]] static Ipv4Address load(const std::byte* from) noexcept { return Ipv4Address{load_be32(from)}; }
    void store(std::byte* to) const noexcept { store_be32(to, value_); }
    [[nodiscard]] static std::expected<Ipv4Address, std::error_code> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] static constexpr Ipv4Address any() noexcept { return Ipv4Address{}; }
    [[nodiscard]] static constexpr Ipv4Address loopback() noexcept { return {127, 0, 0, 1}; }
    [[nodiscard]] static constexpr Ipv4Address broadcast() noexcept { return {255, 255, 255, 255}; }
    [[nodiscard]] constexpr std::uint32_t value() const noexcept { return value_; }
    [[nodiscard]] constexpr bool is_any() const noexcept { return value_ == 0; }
    [[nodiscard]] constexpr bool is_loopback() const noexcept { return value_ >> 24 == 127; }
    [[nodiscard]] constexpr bool is_multicast() const noexcept { return value_ >> 28 == 14; }
    [[nodiscard]] constexpr bool is_broadcast() const noexcept { return value_ == 0xffffffff; }
    constexpr auto operator<=>(const Ipv4Address&) const = default;

private:
    std::uint32_t value_ = 0;
};

class Ipv6Address {
public:
    static constexpr std::size_t size = 16;
    constexpr Ipv6Address() = default;
    constexpr explicit Ipv6Address(std::array<std::uint8_t, size> octets) noexcept : octets_(octets) {}
    [[nodiscard]] static Ipv6Address load(const std::byte* from) noexcept {
        Ipv6Address address;
        std::memcpy(address.octets_.data(), from, size);
        return address;
    }
    void store(std::byte* to) const noexcept { std::memcpy(to, octets_.data(), size); }
    [[nodiscard]] static std::expected<Ipv6Address, std::error_code> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;  // RFC 5952

    [[nodiscard]] static constexpr Ipv6Address loopback() noexcept {
        return Ipv6Address{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
    }
    [[nodiscard]] constexpr bool is_any() const noexcept { return *this == Ipv6Address{}; }
    [[nodiscard]] constexpr bool is_multicast() const noexcept { return octets_[0] == 0xff; }
    [[nodiscard]] constexpr const std::array<std::uint8_t, size>& octets() const noexcept { return octets_; }
    constexpr auto operator<=>(const Ipv6Address&) const = default;

private:
    std::array<std::uint8_t, size> octets_{};
};

enum class IpVersion : std::uint8_t { v4, v6 };

// One value a version of IP.
template <typename Value>
class PerIpVersion {
public:
    [[nodiscard]] Value& operator[](IpVersion version) noexcept { return values_[static_cast<std::size_t>(version)]; }
    [[nodiscard]] const Value& operator[](IpVersion version) const noexcept {
        return values_[static_cast<std::size_t>(version)];
    }

private:
    std::array<Value, 2> values_{};
};

// Either. IPv4 is kept in the IPv4-mapped form of RFC 4291 2.5.5.2,
// so that tables need one key for both.
class IpAddress {
public:
    static constexpr std::size_t size = 16;
    constexpr IpAddress() noexcept : IpAddress(Ipv4Address{}) {}
    constexpr IpAddress(Ipv4Address v4) noexcept  // NOLINT(google-explicit-constructor): it loses nothing
        : octets_{0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0,
                  0xff,
                  0xff,
                  static_cast<std::uint8_t>(v4.value() >> 24),
                  static_cast<std::uint8_t>(v4.value() >> 16),
                  static_cast<std::uint8_t>(v4.value() >> 8),
                  static_cast<std::uint8_t>(v4.value())} {}
    constexpr IpAddress(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) noexcept
        : IpAddress(Ipv4Address{a, b, c, d}) {}
    constexpr IpAddress(Ipv6Address v6) noexcept : octets_(v6.octets()) {}  // NOLINT(google-explicit-constructor)

    [[nodiscard]] constexpr bool is_v4() const noexcept {
        constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        return detail::same_octets<mapped.size()>(octets_, mapped);
    }
    [[nodiscard]] constexpr IpVersion version() const noexcept { return is_v4() ? IpVersion::v4 : IpVersion::v6; }
    // Only if is_v4().
    [[nodiscard]] constexpr Ipv4Address v4() const noexcept {
        return {octets_[12], octets_[13], octets_[14], octets_[15]};
    }
    [[nodiscard]] constexpr Ipv6Address v6() const noexcept { return Ipv6Address{octets_}; }
    // All 16 octets, IPv4 in its mapped form: what tables hash.
    void store(std::byte* to) const noexcept { std::memcpy(to, octets_.data(), size); }
    [[nodiscard]] constexpr bool is_any() const noexcept { return is_v4() ? v4().is_any() : v6().is_any(); }
    [[nodiscard]] constexpr bool is_multicast() const noexcept {
        return is_v4() ? v4().is_multicast() : v6().is_multicast();
    }
    // 127/8, ::1.
    [[nodiscard]] constexpr bool is_loopback() const noexcept {
        return is_v4() ? v4().is_loopback() : v6() == Ipv6Address::loopback();
    }
    // 255.255.255.255.
    [[nodiscard]] constexpr bool is_broadcast() const noexcept { return is_v4() && v4().is_broadcast(); }
    // Nobody's own, of this version.
    [[nodiscard]] static constexpr IpAddress any(IpVersion version) noexcept {
        if (version == IpVersion::v4) return Ipv4Address{};
        return Ipv6Address{};
    }
    [[nodiscard]] static std::expected<IpAddress, std::error_code> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    [[nodiscard]] constexpr bool operator==(const IpAddress& other) const noexcept {
        return detail::same_octets(octets_, other.octets_);
    }
    constexpr auto operator<=>(const IpAddress&) const = default;
    [[nodiscard]] std::size_t hash() const noexcept;

private:
    std::array<std::uint8_t, 16> octets_{};
};

// An IPv4 network: the bits after `length` are zero.
class Ipv4Prefix {
public:
    constexpr Ipv4Prefix() = default;  // 0.0.0.0/0
    constexpr Ipv4Prefix(Ipv4Address address, unsigned length) noexcept
        : network_(address.value() & mask_of(length)), length_(static_cast<std::uint8_t>(length > 32 ? 32 : length)) {}
    // "10.0.0.0/8". Bits after the length must be zero, else Error::bad_address.
    [[nodiscard]] static std::expected<Ipv4Prefix, std::error_code> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] constexpr Ipv4Address network() const noexcept { return Ipv4Address{network_}; }
    [[nodiscard]] constexpr unsigned length() const noexcept { return length_; }
    [[nodiscard]] constexpr Ipv4Address netmask() const noexcept { return Ipv4Address{mask_of(length_)}; }
    [[nodiscard]] constexpr bool contains(Ipv4Address address) const noexcept {
        return (address.value() & mask_of(length_)) == network_;
    }
    // The subnet's directed broadcast (RFC 919); a /31 (RFC 3021) and
    // a /32 have none: then 255.255.255.255.
    [[nodiscard]] constexpr Ipv4Address broadcast() const noexcept {
        return length_ >= 31 ? Ipv4Address::broadcast() : Ipv4Address{network_ | ~mask_of(length_)};
    }
    constexpr auto operator<=>(const Ipv4Prefix&) const = default;

private:
    [[nodiscard]] static constexpr std::uint32_t mask_of(unsigned length) noexcept {
        return length == 0 ? 0 : ~std::uint32_t{0} << (32 - (length > 32 ? 32 : length));
    }
    std::uint32_t network_ = 0;
    std::uint8_t length_ = 0;
};

// An address with the length of its subnet, as an interface has it: "10.0.0.1/24".
struct Ipv4InterfaceAddress {
    Ipv4Address address;
    unsigned length = 32;
    [[nodiscard]] constexpr Ipv4Prefix prefix() const noexcept { return {address, length}; }
    [[nodiscard]] static std::expected<Ipv4InterfaceAddress, std::error_code> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    constexpr auto operator<=>(const Ipv4InterfaceAddress&) const = default;
};

// A network of either version: the addresses that agree in their first `length` bits.
class IpPrefix {
public:
    constexpr IpPrefix() = default;             // 0.0.0.0/0
    constexpr IpPrefix(Ipv4Prefix v4) noexcept  // NOLINT(google-explicit-constructor)
        : IpPrefix(v4.network(), v4.length()) {}
    // The bits after `length` are taken as zero; a length beyond the
    // address's own is brought down to it.
    constexpr IpPrefix(const IpAddress& address, unsigned length) noexcept
        : network_(masked(address, bits_of(address, length))),
          length_(static_cast<std::uint8_t>(length > size_of(address) ? size_of(address) : length)) {}
    // "10.0.0.0/8", "2001:db8::/32". Bits after the length must be zero, else Error::bad_address.
    [[nodiscard]] static std::expected<IpPrefix, std::error_code> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;

    [[nodiscard]] constexpr const IpAddress& network() const noexcept { return network_; }
    [[nodiscard]] constexpr unsigned length() const noexcept { return length_; }
    // Never an address of the other version.
    [[nodiscard]] constexpr bool contains(const IpAddress& address) const noexcept {
        return address.version() == network_.version() && masked(address, bits_of(network_, length_)) == network_;
    }
    // The subnet's directed broadcast (RFC 919): see
    // Ipv4Prefix::broadcast(). IPv6 has none: then any().
    [[nodiscard]] constexpr IpAddress broadcast() const noexcept {
        if (!network_.is_v4()) return Ipv6Address{};
        return Ipv4Prefix{network_.v4(), length_}.broadcast();
    }
    constexpr bool operator==(const IpPrefix&) const = default;

private:
    [[nodiscard]] static constexpr unsigned size_of(const IpAddress& address) noexcept {
        return address.is_v4() ? 32 : 128;
    }
    // Of the 128 that an IpAddress is kept in.
    [[nodiscard]] static constexpr unsigned bits_of(const IpAddress& address, unsigned length) noexcept {
        const unsigned size = size_of(address);
        return 128 - size + (length > size ? size : length);
    }
    [[nodiscard]] static constexpr IpAddress masked(const IpAddress& address, unsigned bits) noexcept {
        std::array<std::uint8_t, IpAddress::size> octets = address.v6().octets();
        for (std::size_t i = 0; i < octets.size(); ++i, bits -= bits < 8 ? bits : 8) {
            if (bits < 8) octets[i] = static_cast<std::uint8_t>(octets[i] & ~(0xff >> bits));
        }
        return Ipv6Address{octets};
    }
    IpAddress network_;
    std::uint8_t length_ = 0;
};

// An address of either version with the length of its subnet: "10.0.0.1/24", "2001:db8::1/64".
struct IpInterfaceAddress {
    IpAddress address;
    unsigned length = 32;
    constexpr IpInterfaceAddress() = default;
    constexpr IpInterfaceAddress(const IpAddress& of, unsigned prefix_length) noexcept
        : address(of), length(prefix_length) {}
    constexpr IpInterfaceAddress(const Ipv4InterfaceAddress& v4) noexcept  // NOLINT(google-explicit-constructor)
        : address(v4.address), length(v4.length) {}
    [[nodiscard]] constexpr IpPrefix prefix() const noexcept { return {address, length}; }
    [[nodiscard]] static std::expected<IpInterfaceAddress, std::error_code> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    constexpr bool operator==(const IpInterfaceAddress&) const = default;
};

// A TCP or UDP port. 0 means "any" where one is chosen.
enum class PortNumber : std::uint16_t {};
[[nodiscard]] constexpr std::uint16_t number_of(PortNumber port) noexcept { return static_cast<std::uint16_t>(port); }
[[nodiscard]] std::expected<PortNumber, std::error_code> parse_port(std::string_view text);

struct Endpoint {
    IpAddress address;
    PortNumber port{};
    // "10.0.0.1:80", "[2001:db8::1]:80".
    [[nodiscard]] static std::expected<Endpoint, std::error_code> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    constexpr auto operator<=>(const Endpoint&) const = default;
};

}  // namespace strata

template <>
struct std::hash<strata::MacAddress> {
    std::size_t operator()(const strata::MacAddress& address) const noexcept;
};
template <>
struct std::hash<strata::Ipv4Address> {
    std::size_t operator()(const strata::Ipv4Address& address) const noexcept {
        return address.value() * std::size_t{0x9e3779b97f4a7c15};
    }
};
template <>
struct std::hash<strata::IpAddress> {
    std::size_t operator()(const strata::IpAddress& address) const noexcept { return address.hash(); }
};
template <>
struct std::hash<strata::Endpoint> {
    std::size_t operator()(const strata::Endpoint& endpoint) const noexcept {
        return endpoint.address.hash() ^ (strata::number_of(endpoint.port) * std::size_t{0x9e3779b97f4a7c15});
    }
};
