#include "strata/cli/rights/identity.hpp"

#include <stdexcept>

#include "strata/0_foundation/printable.hpp"
#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

// Of a user without an account only his number is known. The environment's SUDO_GID is not asked:
// it must not choose a group.
Account account_of(uid_t user, const Accounts& accounts) {
    if (auto found = accounts.find(user)) return std::move(*found);
    return {.name = "user " + std::to_string(user), .user = user};
}

Account named_account(const std::string& name, const Accounts& accounts) {
    if (auto found = accounts.find(name)) return std::move(*found);
    if (const auto number = parse_id(name)) return account_of(*number, accounts);
    throw WrongUse("--run-as: there is no user '" + name + "' here; write the name or the number of one");
}

gid_t named_group(const std::string& name, const Accounts& accounts) {
    if (const auto found = accounts.find_group(name)) return *found;
    if (const auto number = parse_id(name)) return *number;
    throw WrongUse("--run-as: there is no group '" + name + "' here; write the name or the number of one");
}

Account account_asked_for(const std::string& text, const Accounts& accounts) {
    const std::size_t colon = text.find(':');
    Account account = named_account(text.substr(0, colon), accounts);
    if (colon == std::string::npos) return account;
    if (account.user == roots_user) throw WrongUse("--run-as: root has the rights of every group; write --run-as root");
    account.name += text.substr(colon);
    account.group = named_group(text.substr(colon + 1), accounts);
    account.groups = {account.group};
    return account;
}

Account nobody(const Accounts& accounts) {
    auto found = accounts.find("nobody");
    return found && found->user != roots_user ? std::move(*found) : account_of(nobodys_user, accounts);
}

Identity choose_for_root(const Circumstances& circumstances, const Accounts& accounts) {
    const auto sudo = parse_id(circumstances.sudo_uid);
    if (sudo && *sudo != roots_user) return {account_of(*sudo, accounts), Reason::called_sudo, true};
    const uid_t owner = circumstances.folder_owner;
    if (owner != roots_user) return {account_of(owner, accounts), Reason::owns_folder, true};
    return {nobody(accounts), Reason::nobody_else, true};
}

bool is_who_started_it(const Account& account, const Circumstances& circumstances) {
    const bool any_group = !circumstances.run_as.contains(':');
    return account.user == circumstances.started_by.user &&
           (any_group || account.group == circumstances.started_by.group);
}

}  // namespace

Identity choose_identity(const Circumstances& circumstances, const Accounts& accounts) {
    const bool by_root = circumstances.started_by.user == roots_user;
    if (circumstances.run_as.empty()) {
        if (by_root) return choose_for_root(circumstances, accounts);
        return {circumstances.started_by, Reason::started_it, circumstances.has_capabilities};
    }
    Account asked_for = account_asked_for(circumstances.run_as, accounts);
    if (by_root) return {asked_for, Reason::asked_for, asked_for.user != roots_user};
    if (!is_who_started_it(asked_for, circumstances))
        throw std::runtime_error("cannot run as " + asked_for.name +
                                 ": only root can become another user; start it as root, or leave --run-as out");
    return {circumstances.started_by, Reason::started_it, circumstances.has_capabilities};
}

std::string sentence_of(const Identity& identity) {
    const std::string name = printable(identity.account.name);
    switch (identity.reason) {
        case Reason::asked_for:
            if (!identity.gives_up) return "keeping all of root's rights, as --run-as says";
            return "running as " + name + " from here on, without root's rights";
        case Reason::called_sudo:
            return "running as " + name + ", who called sudo, from here on, without root's rights";
        case Reason::owns_folder:
            return "running as " + name + ", the folder's owner, from here on, without root's rights";
        case Reason::nobody_else: return "running as " + name + " from here on, without root's rights";
        case Reason::started_it: return identity.gives_up ? "running without capabilities from here on" : "";
    }
    return "";
}

}  // namespace strata::cli
