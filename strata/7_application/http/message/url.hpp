// URLs (RFC 3986) as far as fetching needs them, and percent-encoding.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace strata::application::http {

struct Credentials {
    std::string user;
    std::string password;
    bool operator==(const Credentials&) const = default;
};

struct Url {
    std::string scheme;  // lower case
    std::string host;    // without the brackets of an IPv6 address
    std::uint16_t port = 0;
    bool port_is_given = false;
    std::string target;  // path and query, unchanged, at least "/"; without the fragment
    std::optional<Credentials>
        credentials{};  // "user:password@", decoded: never part of what is printed or sent as a URL

    std::string parameters{};  // of nfs: what is behind the '?', and no part of the target

    // "host:port", without the port if it is the scheme's own; with brackets where they belong.
    [[nodiscard]] std::string authority() const;
    [[nodiscard]] std::string to_string() const {
        return scheme + "://" + authority() + target + (parameters.empty() ? "" : "?" + parameters);
    }
    // Scheme, host and port: whom secrets that were meant for the other may be told (RFC 6454 4).
    [[nodiscard]] bool has_origin_of(const Url& other) const;
};

// A URL without a scheme, "host/path", is one of http. Nothing if it is no URL with a host, names
// an unknown scheme (http, https and fetch are known), or holds bytes no URL may have.
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);
// The same of other schemes. One of "file" has a path, and no host but localhost (RFC 8089 2).
[[nodiscard]] std::optional<Url> parse_url(std::string_view text, std::span<const std::string_view> schemes);
// A redirect's Location, which may be relative (RFC 3986 5.2). Spaces, and bytes that are not
// ASCII, are encoded: servers send them.
[[nodiscard]] std::optional<Url> resolve_url(const Url& base, std::string_view location);

// What may be printed of a text that was meant for a URL and is none:
// without what precedes an '@'.
[[nodiscard]] std::string without_credentials(std::string_view text);
// 0 where there are no ports.
[[nodiscard]] std::uint16_t default_port(std::string_view scheme) noexcept;

// Nothing if a '%' is not followed by two hexadecimal digits.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);
// Where a '%' that is not followed by them stays as it is: "100%".
[[nodiscard]] std::string percent_decode_leniently(std::string_view text);
// For a path: everything but unreserved characters (RFC 3986 2.3) and '/'. More is allowed there,
// and is taken for a host's name or the like by clients that look for links.
[[nodiscard]] std::string percent_encode(std::string_view text);
// The path of a request target (without its query) as a name beneath a
// root: decoded, its dot segments removed (RFC 3986 5.2.4: above the root
// there is nothing), empty parts dropped. Nothing if it is malformed.
[[nodiscard]] std::optional<std::string> name_of_target(std::string_view target);

}  // namespace strata::application::http
