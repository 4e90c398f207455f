// What --help and `strata help` show.
#pragma once

#include <string>

#include "strata/cli/help/pages.hpp"

namespace strata::cli {

// Of one command, or of the program (an empty name), with its list of commands. No line is wider
// than 100 columns, unless a word is.
[[nodiscard]] std::string help_text(const Pages& pages, const Page& page);

}  // namespace strata::cli
