// Temporaries: the files in which uploads arrive, beside what they will be.
//
// One has no name at all where the file system can do that (O_TMPFILE), and a hidden one of ours
// elsewhere, and for the moment in which it replaces a file. It is locked for as long as somebody
// writes it: an unlocked one was left behind by a server that was killed.
#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <system_error>

#include "strata/7_application/files/descriptor.hpp"

namespace strata::application {

struct Temporary {
    Descriptor file;   // written
    std::string name;  // empty: it has none
};

// In a folder; `named`: as where there is no O_TMPFILE. Errors: those of making a file.
[[nodiscard]] std::expected<Temporary, std::error_code> make_temporary(int folder, mode_t mode, bool named);
// Another name for a file. Errors: file_exists, and those of link(2).
[[nodiscard]] std::error_code link_file(int file, int folder, const std::string& name);
// That nobody has.
[[nodiscard]] std::string temporary_name();
// Never in the place of something. Errors: file_exists, and those of rename(2).
[[nodiscard]] std::error_code rename_to_new(int from, const std::string& old_name, int to, const std::string& new_name);
// Removes what servers that were killed have left in this folder. How many.
std::size_t sweep_temporaries(int folder);

}  // namespace strata::application
