#include "strata/7_application/http/client/netrc.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <fstream>

#include "strata/0_foundation/ascii.hpp"

namespace strata::application::http {
namespace {

bool is_space(char letter) noexcept { return std::string_view(" \t\r\n").contains(letter); }

// The next word; empty at the end. In quotes it may hold spaces, and
// '\' takes the next letter as it is.
std::string next_word(std::string_view& text) {
    while (!text.empty() && (is_space(text.front()) || text.front() == '#')) {
        const std::size_t comment = text.front() == '#' ? std::min(text.find('\n'), text.size()) : 1;
        text.remove_prefix(comment);
    }
    std::string word;
    const bool is_quoted = text.starts_with('"');
    if (is_quoted) text.remove_prefix(1);
    while (!text.empty() && (is_quoted ? text.front() != '"' : !is_space(text.front()))) {
        if (is_quoted && text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
        word += text.front();
        text.remove_prefix(1);
    }
    if (is_quoted && !text.empty()) text.remove_prefix(1);
    return word;
}

// A macro ends with an empty line.
void skip_macro(std::string_view& text) {
    const std::size_t end = std::min(text.find("\n\n"), text.find("\n\r\n"));
    text.remove_prefix(std::min(end, text.size()));
}

}  // namespace

Netrc Netrc::parse(std::string_view text) {
    Netrc netrc;
    for (std::string word = next_word(text); !text.empty() || !word.empty(); word = next_word(text)) {
        if (word == "machine") {
            netrc.entries_.push_back({next_word(text), {}});
        } else if (word == "default") {
            netrc.entries_.push_back({std::nullopt, {}});
        } else if (word == "macdef") {
            skip_macro(text);
        } else if (word == "login" || word == "password" || word == "account") {
            const std::string value = next_word(text);
            if (netrc.entries_.empty()) continue;
            if (word == "login") netrc.entries_.back().credentials.user = value;
            if (word == "password") netrc.entries_.back().credentials.password = value;
        }
    }
    return netrc;
}

Netrc Netrc::read(const std::string& path) {
    struct stat facts{};
    if (::stat(path.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) return {};
    std::ifstream file(path, std::ios::binary);
    std::string text(file_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    return text.size() > file_max ? Netrc{} : parse(text);
}

std::optional<Credentials> Netrc::of(std::string_view host, std::string_view user) const {
    const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return (!entry.machine || equal_ignoring_case(*entry.machine, host)) &&
               (user.empty() || entry.credentials.user == user);
    });
    if (found == entries_.end() || found->credentials == Credentials{}) return std::nullopt;
    return found->credentials;
}

}  // namespace strata::application::http
