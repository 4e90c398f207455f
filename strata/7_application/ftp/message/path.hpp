// Names in FTP, made names of a folder's files.
//
// The served folder is "/", and its own parent. A name that begins with a slash is meant from
// there, any other from the folder that the client is in. ".." is resolved by the name alone: what
// leads out by a link is refused by FileRoot.
#pragma once

#include <string>
#include <string_view>

namespace strata::application::ftp {

// `folder` is one that this has returned. Relative to the served folder, without empty parts; "" is
// that folder.
[[nodiscard]] std::string resolve(std::string_view folder, std::string_view name);
// As a client sees it: "/", "/a/b".
[[nodiscard]] std::string shown(std::string_view name);
// The name above, and the part behind it.
[[nodiscard]] std::string_view folder_of(std::string_view name) noexcept;
[[nodiscard]] std::string_view entry_of(std::string_view name) noexcept;

// Whether a name has the form of a pattern with '*' and '?', which stand for anything, and for one
// octet. In time that grows with the product of the two sizes.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view name) noexcept;
[[nodiscard]] inline bool is_pattern(std::string_view text) noexcept {
    return text.find_first_of("*?") != std::string_view::npos;
}

}  // namespace strata::application::ftp
