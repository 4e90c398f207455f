// Path: the names of a URL's path, from the server's root on.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata::application::nfs::client {

using Path = std::vector<std::string>;

// Decoded, without empty names and dots; ".." goes up, and not above the root. Errors: in words,
// what is wrong with it and what to write.
[[nodiscard]] std::expected<Path, std::string> path_of_target(std::string_view target);
// What a server, or a link, says: as it is, without empty names and ".".
[[nodiscard]] Path path_of_text(std::string_view text);
// "/a/b"; "/" of none.
[[nodiscard]] std::string text_of_path(std::span<const std::string> names);
[[nodiscard]] bool begins_with(std::span<const std::string> names, std::span<const std::string> beginning) noexcept;

}  // namespace strata::application::nfs::client
