// Writing: what clients of `serve` may write, as the command line says it, and whether this process
// can.
#pragma once

#include <string>

#include "strata/7_application/files/file_root.hpp"

namespace strata::cli {

// "" (nothing was said), "new", "all". Throws WrongUse with one sentence.
[[nodiscard]] application::FileRights parse_rights(const std::string& write);

// Once the process is who it will be: `account` is his name. Throws std::runtime_error with one
// sentence if he may not write into a folder that clients are to write into.
void check_that_it_may_write(const application::FileRoot& root, const std::string& account);

// For the start: what may be done by whoever reaches the server, as whom, and what of the disk is
// left; nothing where nothing is written.
[[nodiscard]] std::string sentence_of_writing(const application::FileRoot& root, const std::string& account);

}  // namespace strata::cli
