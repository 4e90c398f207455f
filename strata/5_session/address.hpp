// Address: one end of a conversation: an IP endpoint or the path of a Unix socket. Network takes
// them and streams return them.
#pragma once

#include <string>
#include <variant>

#include "strata/0_foundation/address.hpp"

namespace strata::session {

// AF_UNIX. A path that begins with '@' is in Linux's abstract namespace.
struct UnixPath {
    std::string path;
    auto operator<=>(const UnixPath&) const = default;
};

class Address {
public:
    Address() = default;
    Address(const Endpoint& endpoint) : value_(endpoint) {}  // NOLINT(google-explicit-constructor)
    Address(UnixPath path) : value_(std::move(path)) {}      // NOLINT(google-explicit-constructor)
    Address(IpAddress address, std::uint16_t port) : value_(Endpoint{address, PortNumber{port}}) {}

    [[nodiscard]] bool is_unix() const noexcept { return std::holds_alternative<UnixPath>(value_); }
    // Only if it is not a Unix path.
    [[nodiscard]] const Endpoint& endpoint() const { return std::get<Endpoint>(value_); }
    [[nodiscard]] const UnixPath& unix_path() const { return std::get<UnixPath>(value_); }
    // "10.0.0.1:80", "[::1]:80", "unix:/tmp/socket".
    [[nodiscard]] std::string to_string() const {
        return is_unix() ? "unix:" + unix_path().path : endpoint().to_string();
    }
    auto operator<=>(const Address&) const = default;

private:
    std::variant<Endpoint, UnixPath> value_;
};

}  // namespace strata::session
