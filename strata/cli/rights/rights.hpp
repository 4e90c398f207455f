// Rights: root's, and capabilities, which a server needs to open ports below 1024, TAP devices and
// other people's folders, and not afterwards.
//
// They are given up for good, and so a stranger who takes the server over has what its user has.
// docs/decisions/0045 argues each step.
#pragma once

#include <string>

#include "strata/cli/rights/identity.hpp"

namespace strata::cli {

// Chosen from what this process is. Throws as choose_identity.
[[nodiscard]] Identity identity_of_this_process(const std::string& run_as, uid_t folder_owner);

// Becomes that user, without any capability, and no program that it could start would have more
// (no_new_privs). Before any thread is made: capabilities are a thread's, and threads have those of
// whoever makes them. What is open stays open. Throws std::runtime_error with one sentence if
// anything of that can't be done or could be undone: then nothing must be served.
void give_up_rights(const Account& account);

}  // namespace strata::cli
