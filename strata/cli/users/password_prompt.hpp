// A password, asked for on a terminal without showing it, or read from standard input.
#pragma once

#include <string>

namespace strata::cli {

// A terminal is asked twice. From elsewhere it is the first line. Throws std::runtime_error with
// one sentence (there is none, the two differ), Interrupted (Ctrl-C).
[[nodiscard]] std::string ask_for_password(const std::string& name);

}  // namespace strata::cli
