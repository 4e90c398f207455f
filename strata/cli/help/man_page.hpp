// The man pages strata(1) and strata-COMMAND(1), in the macros of man(7) and in plain ASCII, so
// that groff and mandoc show the same.
#pragma once

#include <string>

#include "strata/cli/help/pages.hpp"

namespace strata::cli {

[[nodiscard]] std::string man_page(const Pages& pages, const Page& page);

// As a man page needs it: nothing in it is taken for a request, and
// quotes and dashes are what they were.
[[nodiscard]] std::string roff(std::string_view text);

}  // namespace strata::cli
