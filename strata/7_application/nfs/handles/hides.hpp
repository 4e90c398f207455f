// hides(): which names NFS does not show.
#pragma once

#include <string_view>

#include "strata/7_application/files/file_root.hpp"

namespace strata::application::nfs {

// The name that a client gives a file that is removed while it is open there: ".nfs", then
// hexadecimal digits, for some with dots between them. It belongs to a file that was shown before,
// and is removed by this name in the end.
[[nodiscard]] inline bool is_of_a_removed_file(std::string_view name) noexcept {
    constexpr std::string_view beginning = ".nfs", digits = ".0123456789ABCDEFabcdef";
    return name.size() > beginning.size() && name.starts_with(beginning) &&
           name.find_first_not_of(digits, beginning.size()) == std::string_view::npos;
}

// What the root hides, without the names of those.
[[nodiscard]] inline bool hides(const FileRoot& root, std::string_view name) noexcept {
    return root.hides(name) && !is_of_a_removed_file(name);
}

}  // namespace strata::application::nfs
