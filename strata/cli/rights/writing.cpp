#include "strata/cli/rights/writing.hpp"

#include <fmt/format.h>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/files/readable_size.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {

using application::FileRights, application::FileRoot;

FileRights parse_rights(const std::string& write) {
    if (write.empty()) return FileRights::read;
    if (write == "new") return FileRights::add;
    if (write == "all") return FileRights::all;
    throw WrongUse("--write: '" + printable(write) +
                   "' is not known; write --write for new files and folders, or --write=all to replace, rename and "
                   "remove as well");
}

void check_that_it_may_write(const FileRoot& root, const std::string& account) {
    if (root.rights() == FileRights::read) return;
    const std::error_code wrong = root.check_writable();
    if (!wrong) return;
    throw std::runtime_error(
        fmt::format("{} may not write into the folder {}: {}; let him, choose who may with --run-as NAME, or leave "
                    "--write out",
                    printable(account), printable(root.path()), wrong.message()));
}

std::string sentence_of_writing(const FileRoot& root, const std::string& account) {
    if (root.rights() == FileRights::read) return "";
    const bool all = root.rights() == FileRights::all;
    return fmt::format("whoever reaches it may {} files and folders in {}, as {}; {} of the disk stay free",
                       all ? "add, replace, rename and remove" : "add", printable(root.path()), printable(account),
                       application::readable_size(root.keep_free()));
}

}  // namespace strata::cli
