#include "strata/7_application/http/message/request_line.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {
namespace {

constexpr std::size_t empty_lines_max = 4;
constexpr std::size_t method_max = 32;

// RFC 9110 5.6.2.
bool is_token(std::string_view text) noexcept {
    return !text.empty() && std::ranges::all_of(text, [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || std::string_view("!#$%&'*+-.^_`|~").contains(letter);
    });
}

// RFC 9110 9.3, PATCH (RFC 5789) and MKCOL (RFC 4918 9.3): methods
// that are known, and mostly not allowed here.
bool is_known(std::string_view method) noexcept {
    constexpr std::array<std::string_view, 10> known{"GET",     "HEAD",    "POST",  "PUT",   "DELETE",
                                                     "CONNECT", "OPTIONS", "TRACE", "PATCH", "MKCOL"};
    return std::ranges::find(known, method) != known.end();
}

// "HTTP/1.1": what is wrong with it; 0 if nothing is.
unsigned status_of_version(std::string_view version) noexcept {
    const auto digit = [&](std::size_t i) { return version[i] >= '0' && version[i] <= '9'; };
    if (version.size() != 8 || !version.starts_with("HTTP/") || !digit(5) || version[6] != '.' || !digit(7)) return 400;
    return version[5] == '1' ? 0 : 505;
}

// Of the line without its end.
unsigned status_of(std::string_view line) noexcept {
    const std::size_t method_end = line.find(' ');
    const std::size_t target_end = line.rfind(' ');
    if (method_end == std::string_view::npos || target_end == method_end) return 400;
    const std::string_view method = line.substr(0, method_end);
    const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
    const bool has_gap = std::ranges::any_of(
        target, [](char letter) { return static_cast<unsigned char>(letter) <= ' ' || letter == 0x7f; });
    if (!is_token(method) || target.empty() || has_gap) return 400;
    if (const unsigned wrong = status_of_version(line.substr(target_end + 1))) return wrong;
    return method.size() > method_max || !is_known(method) ? 501 : 0;
}

// Where empty lines at the beginning end; nothing if there are too many of them.
std::optional<std::size_t> behind_empty_lines(std::string_view text) noexcept {
    std::size_t at = 0;
    for (std::size_t lines = 0; lines <= empty_lines_max; ++lines) {
        const std::size_t size = text.substr(at).starts_with("\r\n") ? 2 : text.substr(at).starts_with('\n') ? 1 : 0;
        if (size == 0) return at;
        at += size;
    }
    return std::nullopt;
}

}  // namespace

RequestLine check_request_line(std::span<char> text, std::size_t line_max) {
    using enum RequestLine::State;
    const std::string_view all(text.data(), text.size());
    const auto begin = behind_empty_lines(all);
    if (!begin) return {wrong, 0, 400};
    const std::string_view rest = all.substr(*begin);
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos) {
        if (rest.size() > line_max) return {wrong, *begin, 414};
        // What can never become one: no method is so long, or has such letters.
        const std::string_view method = rest.substr(0, rest.find(' '));
        const bool hopeless = !method.empty() && method != "\r" && (!is_token(method) || method.size() > method_max);
        return hopeless ? RequestLine{wrong, *begin, 400} : RequestLine{incomplete, *begin, 0};
    }
    if (end + 1 > line_max) return {wrong, *begin, 414};
    std::string_view line = rest.substr(0, end);
    // A line that ends with LF alone may be taken (RFC 9112 2.2), but
    // not by the parser that comes after.
    if (!line.ends_with('\r')) return {wrong, *begin, 400};
    line.remove_suffix(1);
    if (const unsigned status = status_of(line)) return {wrong, *begin, status};
    char& minor = text[*begin + line.size() - 1];
    if (minor > '1') minor = '1';
    return {good, *begin, 0};
}

bool is_host(std::string_view text) {
    const bool is_authority = text.find_first_of("/?#@") == std::string_view::npos;
    return text.empty() || (is_authority && parse_url("http://" + std::string(text)).has_value());
}

}  // namespace strata::application::http
