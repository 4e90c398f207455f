#include "strata/cli/version.hpp"

// Written by cmake/write_build_facts.cmake when one of them has changed.
#include <strata_build_facts.hpp>

namespace strata::cli {

std::string_view version() noexcept { return build_facts::version; }

std::string_view build_date() noexcept { return build_facts::date; }

std::string version_line() {
    std::string text = "strata " + std::string(build_facts::version) + " (";
    if (!build_facts::commit.empty()) text += "commit " + std::string(build_facts::commit) + ", ";
    return text + std::string(build_facts::compiler) + ", " + std::string(build_facts::build_type) + ")";
}

}  // namespace strata::cli
