#include "strata/cli/rights/rights.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

namespace strata::cli {
namespace {

// Two of 32 each (capget(2)).
using CapabilitySets = std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3>;

CapabilitySets capability_sets() {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    CapabilitySets sets{};
    if (::syscall(SYS_capget, &header, sets.data()) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot tell which rights this program has");
    return sets;
}

// Inherited ones give nothing to whoever does not start another program (capabilities(7)).
bool has_capabilities() {
    return std::ranges::any_of(capability_sets(), [](const auto& part) { return part.permitted != 0; });
}

bool has_no_trace_of_any() {
    return std::ranges::all_of(capability_sets(), [](const auto& part) {
        return part.effective == 0 && part.permitted == 0 && part.inheritable == 0;
    });
}

std::vector<gid_t> present_groups() {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(0, ::getgroups(0, nullptr))));
    groups.resize(static_cast<std::size_t>(std::max(0, ::getgroups(static_cast<int>(groups.size()), groups.data()))));
    return groups;
}

void must(bool done, const Account& account, std::string_view what) {
    if (done) return;
    throw std::runtime_error(fmt::format(
        "cannot give up rights and run as {}: {}: {}; choose another user with --run-as, or keep the rights with "
        "--run-as root",
        account.name, what, std::error_code(errno, std::generic_category()).message()));
}

// Only a process with CAP_SETPCAP may, and containers run roots without it. Nothing depends on it
// where no_new_privs is set: this is a second lock.
void empty_bounding_set() {
    for (unsigned long each = 0; ::prctl(PR_CAPBSET_READ, each, 0, 0, 0) >= 0; ++each)
        (void)::prctl(PR_CAPBSET_DROP, each, 0, 0, 0);
}

void become(const Account& account) {
    must(::setgroups(account.groups.size(), account.groups.data()) == 0, account, "setgroups");
    must(::setresgid(account.group, account.group, account.group) == 0, account, "setresgid");
    must(::setresuid(account.user, account.user, account.user) == 0, account, "setresuid");
}

// The ambient set is cleared with the permitted one (capabilities(7)).
void empty_capability_sets(const Account& account) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const CapabilitySets none{};
    must(::syscall(SYS_capset, &header, none.data()) == 0, account, "capset");
}

bool is_now(const Account& account) {
    uid_t real_user = 0, user = 0, saved_user = 0;
    gid_t real_group = 0, group = 0, saved_group = 0;
    if (::getresuid(&real_user, &user, &saved_user) != 0 || ::getresgid(&real_group, &group, &saved_group) != 0)
        return false;
    return real_user == account.user && user == account.user && saved_user == account.user &&
           real_group == account.group && group == account.group && saved_group == account.group;
}

// What is not believed of the calls above. Whoever can become root again has given up nothing.
void check_given_up(const Account& account) {
    const bool back = ::setresuid(0, 0, 0) == 0 || ::setreuid(0, 0) == 0 || ::setuid(0) == 0;
    if (back || !is_now(account) || !has_no_trace_of_any() || ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        throw std::runtime_error("rights were given up and are still there; nothing is served, please report this");
}

}  // namespace

Identity identity_of_this_process(const std::string& run_as, uid_t folder_owner) {
    const char* const sudo_uid = std::getenv("SUDO_UID");
    const SystemAccounts accounts;
    return choose_identity(
        {.run_as = run_as,
         .sudo_uid = sudo_uid == nullptr ? "" : sudo_uid,
         .started_by = {"user " + std::to_string(::geteuid()), ::geteuid(), ::getegid(), present_groups()},
         .has_capabilities = has_capabilities(),
         .folder_owner = folder_owner},
        accounts);
}

void give_up_rights(const Account& account) {
    empty_bounding_set();  // while it may
    if (::geteuid() == 0) become(account);
    empty_capability_sets(account);
    must(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0, account, "no_new_privs");
    // What is open is more than that user could open: his other
    // programs must not take it by ptrace(2).
    must(::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0, account, "PR_SET_DUMPABLE");
    check_given_up(account);
}

}  // namespace strata::cli
