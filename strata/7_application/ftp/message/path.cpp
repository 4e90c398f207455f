#include "strata/7_application/ftp/message/path.hpp"

#include <algorithm>

namespace strata::application::ftp {

std::string resolve(std::string_view folder, std::string_view name) {
    std::string result(name.starts_with('/') ? std::string_view() : folder);
    while (!name.empty()) {
        const std::size_t end = std::min(name.find('/'), name.size());
        const std::string_view part = name.substr(0, end);
        name.remove_prefix(std::min(end + 1, name.size()));
        if (part.empty() || part == ".") continue;
        if (part == "..") {
            result.resize(folder_of(result).size());
        } else {
            if (!result.empty()) result += '/';
            result += part;
        }
    }
    return result;
}

std::string shown(std::string_view name) { return "/" + std::string(name); }

std::string_view folder_of(std::string_view name) noexcept {
    const std::size_t slash = name.rfind('/');
    return name.substr(0, slash == std::string_view::npos ? 0 : slash);
}

std::string_view entry_of(std::string_view name) noexcept { return name.substr(name.rfind('/') + 1); }

// Where it fails, the latest star takes one octet more.
bool matches(std::string_view pattern, std::string_view name) noexcept {
    std::size_t at = 0;
    std::size_t star = std::string_view::npos;
    std::size_t taken = 0;  // octets of the name, by what is before the star and by itself
    std::size_t in_name = 0;
    while (in_name < name.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            taken = in_name;
        } else if (at < pattern.size() && (pattern[at] == '?' || pattern[at] == name[in_name])) {
            ++at;
            ++in_name;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            in_name = ++taken;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace strata::application::ftp
