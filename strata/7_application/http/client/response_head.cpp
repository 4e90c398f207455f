#include "strata/7_application/http/client/response_head.hpp"

#include <algorithm>
#include <utility>

namespace strata::application::http {
namespace {

bool is_blank(char letter) noexcept { return letter == ' ' || letter == '\t'; }

// The line without its end.
std::string_view next_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// "HTTP/1.1 200", which lacks the space before a reason that is not there (RFC 9112 4).
bool is_without_reason(std::string_view line) noexcept {
    const std::size_t space = line.find(' ');
    return space != std::string_view::npos && line.size() == space + 4 &&
           line.find(' ', space + 1) == std::string_view::npos;
}

// A higher minor version is the highest that is known (RFC 9110 2.5).
std::string status_in_form(std::string_view line) {
    constexpr std::string_view major = "HTTP/1.";
    std::string text(line);
    if (text.starts_with(major) && text.size() > major.size() && text[major.size()] > '1' && text[major.size()] <= '9')
        text[major.size()] = '1';
    return is_without_reason(line) ? text + " " : text;
}

// Empty if its name is none.
std::string field_in_form(std::string_view line) {
    std::string text(line);
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || is_blank(text.front())) return text;  // no field, or the rest of one (obs-fold)
    for (char& letter : text) {
        const auto byte = static_cast<unsigned char>(letter);
        // Not NUL, which no server means.
        if ((byte < ' ' && byte != 0 && letter != '\t') || byte == 0x7f) letter = ' ';
    }
    std::size_t end = colon;
    while (end > 0 && is_blank(text[end - 1])) --end;
    if (std::any_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), is_blank)) return {};
    text.erase(end, colon - end);
    return text;
}

}  // namespace

std::optional<std::size_t> end_of_head(std::string_view text, std::size_t looked_at) {
    // The end may have begun in what was looked at: "\n\r" and then "\n".
    std::size_t place = looked_at > 2 ? looked_at - 2 : 0;
    while ((place = text.find('\n', place)) != std::string_view::npos) {
        ++place;
        const std::string_view rest = text.substr(place);
        if (rest.starts_with('\n')) return place + 1;
        if (rest.starts_with("\r\n")) return place + 2;
    }
    return std::nullopt;
}

bool ends_without_its_empty_line(std::string_view text) {
    if (text.ends_with("\n\r")) text.remove_suffix(1);
    return text.starts_with("HTTP/") && text.ends_with('\n');
}

std::string in_form(std::string_view head) {
    std::string text;
    bool is_first = true;
    while (!head.empty()) {
        const std::string_view line = next_line(head);
        if (line.empty()) break;
        const std::string written = std::exchange(is_first, false) ? status_in_form(line) : field_in_form(line);
        if (!written.empty()) text += written + "\r\n";
    }
    return text + "\r\n";
}

}  // namespace strata::application::http
