#include "strata/7_application/http/message/url.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/ascii.hpp"

namespace strata::application::http {
namespace {

constexpr std::size_t url_max = 8192;

bool is_unreserved(char letter) noexcept {
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9') ||
           std::string_view("-._~/").contains(letter);
}

// Space and control characters end a request line; nobody may smuggle one in.
bool is_printable(std::string_view text) noexcept {
    return std::ranges::none_of(
        text, [](char letter) { return static_cast<unsigned char>(letter) <= ' ' || letter == 0x7f; });
}

// RFC 3986 3.2.2's reg-name, and the bytes of names that are not ASCII. No brackets above all: they
// would change places when the URL is written again.
bool is_registered_name(std::string_view host) noexcept {
    return !host.empty() && std::ranges::none_of(host, [](char letter) {
        return std::string_view("[]<>\"\\^`{|}:@/?#").contains(letter);
    });
}

bool parse_authority(std::string_view authority, Url& url) {
    std::string_view port;
    if (authority.starts_with('[')) {
        const std::size_t end = authority.find(']');
        if (end == std::string_view::npos) return false;
        url.host = authority.substr(1, end - 1);
        port = authority.substr(end + 1);
        if (!port.empty() && port.front() != ':') return false;
        if (!Ipv6Address::parse(url.host)) return false;
    } else {
        const std::size_t colon = authority.find(':');
        url.host = authority.substr(0, colon);
        if (colon != std::string_view::npos) port = authority.substr(colon);
        if (!is_registered_name(url.host)) return false;
    }
    if (url.host.size() > 255) return false;
    if (port.size() < 2) return true;  // none, or an empty one (RFC 3986 3.2.3)
    port.remove_prefix(1);
    url.port_is_given = true;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
    return error == std::errc{} && end == port.data() + port.size() && url.port != 0;
}

Credentials parse_credentials(std::string_view text) {
    const std::size_t colon = text.find(':');
    Credentials credentials{percent_decode_leniently(text.substr(0, colon)), {}};
    if (colon != std::string_view::npos) credentials.password = percent_decode_leniently(text.substr(colon + 1));
    return credentials;
}

// "host", "host:80/path", "[::1]/": what people write where they mean a URL of http. A name of one
// word is more likely a slip.
bool has_address_form(std::string_view text) noexcept {
    const std::string_view host = text.substr(0, text.find_first_of("/?#"));
    return !host.empty() && !host.ends_with(':') && (host.contains('.') || host.contains(':') || host == "localhost");
}

// "scheme:" at its beginning (RFC 3986 3.1): not within a path or a query.
bool has_scheme(std::string_view text) noexcept {
    const std::size_t end = text.find_first_of(":/?#");
    return end != std::string_view::npos && end > 0 && text[end] == ':';
}

std::string encode_location(std::string_view location) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char letter : location) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte == ' ' || byte >= 0x80) {
            encoded += {'%', digits[byte >> 4], digits[byte & 15]};
        } else {
            encoded += letter;
        }
    }
    return encoded;
}

}  // namespace

std::uint16_t default_port(std::string_view scheme) noexcept {
    struct Port {
        std::string_view scheme;
        std::uint16_t number;
    };
    constexpr std::array ports{Port{"http", 80},  Port{"https", 443}, Port{"fetch", 8080}, Port{"ftp", 21},
                               Port{"ftpes", 21}, Port{"ftps", 990},  Port{"tftp", 69},    Port{"nfs", 2049}};
    const auto* const found = std::ranges::find(ports, scheme, &Port::scheme);
    return found == ports.end() ? std::uint16_t{0} : found->number;
}

bool Url::has_origin_of(const Url& other) const {
    return scheme == other.scheme && equal_ignoring_case(host, other.host) && port == other.port;
}

std::string without_credentials(std::string_view text) {
    const std::size_t colon = text.find("://");
    const std::size_t begin = colon == std::string_view::npos ? 0 : colon + 3;
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at < begin) return std::string(text);
    return std::string(text.substr(0, begin)) + "...@" + std::string(text.substr(at + 1));
}

std::string Url::authority() const {
    const std::string name = host.contains(':') ? "[" + host + "]" : host;
    return port == default_port(scheme) ? name : name + ":" + std::to_string(port);
}

std::optional<Url> parse_url(std::string_view text) {
    constexpr std::array<std::string_view, 3> schemes{"http", "https", "fetch"};
    return parse_url(text, schemes);
}

std::optional<Url> parse_url(std::string_view text, std::span<const std::string_view> schemes) {
    if (text.size() > url_max || !is_printable(text)) return std::nullopt;
    const std::size_t colon = text.find("://");
    const bool without = colon == std::string_view::npos || colon > text.find_first_of("/?#");
    if (without) return has_address_form(text) ? parse_url("http://" + std::string(text)) : std::nullopt;
    Url url;
    url.scheme = in_lower_case(text.substr(0, colon));
    if (std::ranges::find(schemes, url.scheme) == schemes.end()) return std::nullopt;
    url.port = default_port(url.scheme);
    text.remove_prefix(colon + 3);
    text = text.substr(0, text.find('#'));
    const std::size_t end = text.find_first_of("/?");
    std::string_view authority = text.substr(0, end);
    // A password may have an '@' that somebody forgot to encode.
    if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
        url.credentials = parse_credentials(authority.substr(0, at));
        authority.remove_prefix(at + 1);
    }
    if (url.scheme == "file") {
        if (!authority.empty() && authority != "localhost") return std::nullopt;
    } else if (!parse_authority(authority, url)) {
        return std::nullopt;
    }
    const std::string_view target = end == std::string_view::npos ? "" : text.substr(end);
    if (!target.starts_with('/')) url.target = '/';
    url.target += target;
    if (const std::size_t query = url.target.find('?'); url.scheme == "nfs" && query != std::string::npos) {
        url.parameters = url.target.substr(query + 1);
        url.target.resize(query);
    }
    return url;
}

std::optional<Url> resolve_url(const Url& base, std::string_view given) {
    const std::string encoded = encode_location(given);
    std::string_view location = encoded;
    if (has_scheme(location)) return location.contains("://") ? parse_url(location) : std::nullopt;
    if (location.empty() || !is_printable(location)) return std::nullopt;
    if (location.starts_with("//")) return parse_url(base.scheme + ":" + std::string(location));
    Url url = base;
    location = location.substr(0, location.find('#'));
    if (location.starts_with('/')) {
        url.target = location;
    } else if (location.starts_with('?')) {
        url.target = base.target.substr(0, base.target.find('?')) + std::string(location);
    } else {
        const std::string path = base.target.substr(0, base.target.find('?'));
        url.target = path.substr(0, path.rfind('/') + 1) + std::string(location);
    }
    if (url.target.size() > url_max) return std::nullopt;
    return url;
}

std::string percent_decode_leniently(std::string_view text) {
    std::string decoded;
    while (!text.empty()) {
        const std::size_t size = text.front() == '%' && percent_decode(text.substr(0, 3)) && text.size() >= 3 ? 3 : 1;
        decoded += size == 3 ? *percent_decode(text.substr(0, 3)) : std::string(1, text.front());
        text.remove_prefix(size);
    }
    return decoded;
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            decoded += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const auto high = hex_digit(text[i + 1]);
        const auto low = hex_digit(text[i + 2]);
        if (!high || !low) return std::nullopt;
        decoded += static_cast<char>(*high * 16 + *low);
        i += 2;
    }
    return decoded;
}

std::string percent_encode(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (const char letter : text) {
        if (is_unreserved(letter)) {
            encoded += letter;
        } else {
            const auto byte = static_cast<unsigned char>(letter);
            encoded += {'%', digits[byte >> 4], digits[byte & 15]};
        }
    }
    return encoded;
}

std::optional<std::string> name_of_target(std::string_view target) {
    target = target.substr(0, target.find('?'));
    if (!target.starts_with('/')) return std::nullopt;
    const auto decoded = percent_decode(target);
    if (!decoded) return std::nullopt;
    std::string name;
    std::string_view rest = *decoded;
    while (!rest.empty()) {
        const std::size_t slash = rest.find('/');
        const std::string_view part = rest.substr(0, slash);
        rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            const std::size_t parent = name.rfind('/');
            name.resize(parent == std::string::npos ? 0 : parent);
            continue;
        }
        if (!name.empty()) name += '/';
        name += part;
    }
    return name;
}

}  // namespace strata::application::http
