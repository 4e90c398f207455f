#include "strata/cli/rights/accounts.hpp"

#include <grp.h>
#include <pwd.h>

#include <charconv>
#include <limits>

namespace strata::cli {
namespace {

std::vector<gid_t> groups_of(const std::string& name, gid_t group) {
    constexpr int groups_max = 65536;  // NGROUPS_MAX of Linux: setgroups(2) takes no more
    std::vector<gid_t> groups(64);
    for (;;) {
        int count = static_cast<int>(groups.size());
        if (::getgrouplist(name.c_str(), group, groups.data(), &count) >= 0) {
            groups.resize(static_cast<std::size_t>(count));
            return groups;
        }
        if (count <= static_cast<int>(groups.size()) || count > groups_max) return {group};
        groups.resize(static_cast<std::size_t>(count));
    }
}

std::optional<Account> account_of_entry(const passwd* entry) {
    if (entry == nullptr) return std::nullopt;
    Account account{entry->pw_name, entry->pw_uid, entry->pw_gid, {}};
    account.groups = groups_of(account.name, account.group);
    return account;
}

}  // namespace

std::optional<Account> SystemAccounts::find(const std::string& name) const {
    return account_of_entry(::getpwnam(name.c_str()));
}

std::optional<Account> SystemAccounts::find(uid_t user) const { return account_of_entry(::getpwuid(user)); }

std::optional<gid_t> SystemAccounts::find_group(const std::string& name) const {
    const group* const entry = ::getgrnam(name.c_str());
    return entry == nullptr ? std::nullopt : std::optional(entry->gr_gid);
}

std::optional<std::uint32_t> parse_id(std::string_view text) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    if (!whole || number == std::numeric_limits<std::uint32_t>::max()) return std::nullopt;
    return number;
}

}  // namespace strata::cli
