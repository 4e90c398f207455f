// Which Strata this is, and how it was built.
#pragma once

#include <string>
#include <string_view>

namespace strata::cli {

[[nodiscard]] std::string_view version() noexcept;
// Of the commit it was built from, else of the build: 2026-01-31.
[[nodiscard]] std::string_view build_date() noexcept;
// "strata 0.1.0 (commit 1a2b3c4d5e6f, GNU 12.2.0, Release)"; without
// the commit if there was no git to ask.
[[nodiscard]] std::string version_line();

}  // namespace strata::cli
