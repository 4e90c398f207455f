// Identity: as whom `serve` runs once all that needs rights is open.
//
// Started as root it is, in this order: whom --run-as names, who called sudo, the folder's owner,
// nobody. Root is none of them, except where --run-as says so. Started by anybody else it is he.
#pragma once

#include <cstdint>
#include <string>

#include "strata/cli/rights/accounts.hpp"

namespace strata::cli {

// What it is chosen from.
struct Circumstances {
    std::string run_as;    // what --run-as says, or nothing
    std::string sudo_uid;  // what the environment has for SUDO_UID: anything, from anybody
    Account started_by;
    bool has_capabilities = false;  // capabilities(7), which files give as well
    uid_t folder_owner = 0;
};

enum class Reason : std::uint8_t { asked_for, called_sudo, owns_folder, nobody_else, started_it };

struct Identity {
    Account account;
    Reason reason = Reason::started_it;
    bool gives_up = false;  // rights that it was started with
};

// NAME, or a number; and :GROUP, if that group is to be the only one.
// Throws WrongUse with one sentence if there is no such user or
// group, std::runtime_error if whoever started it can't become him.
[[nodiscard]] Identity choose_identity(const Circumstances& circumstances, const Accounts& accounts);

// For the start; nothing where nothing changes.
[[nodiscard]] std::string sentence_of(const Identity& identity);

}  // namespace strata::cli
