// The names that requests have, made names of a folder's files.
//
// Clients write "/tftpboot/x", "\\boot\\x" and "boot/x" and mean the same: the served folder is the
// root, and a backslash separates as a slash does. What leads out is refused by FileRoot.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace strata::application::tftp {

inline constexpr std::size_t name_most = 1024;  // bytes, as in the other protocols

// Relative, with slashes. Error: why it is none, in words.
[[nodiscard]] std::expected<std::string, std::string_view> file_name(std::string_view asked);

}  // namespace strata::application::tftp
