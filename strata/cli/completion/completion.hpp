// Completions for bash, zsh and fish, from the same definitions as --help. They need nothing else:
// no shell needs more than itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "strata/cli/help/pages.hpp"

namespace strata::cli {

[[nodiscard]] std::vector<std::string> completion_shells();

// The shell must be one of those.
[[nodiscard]] std::string completion(const Pages& pages, std::string_view shell);

[[nodiscard]] std::string completion_for_bash(const Pages& pages);
[[nodiscard]] std::string completion_for_zsh(const Pages& pages);
[[nodiscard]] std::string completion_for_fish(const Pages& pages);

// All names of options that take a value: what follows them is no command and no argument.
[[nodiscard]] std::vector<std::string> names_with_values(const Page& page);

}  // namespace strata::cli
