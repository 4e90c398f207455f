#include "strata/7_application/nfs/work/caller.hpp"

#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace strata::application::nfs {
namespace {

constexpr std::uint32_t nobody = 65534;
constexpr auto unchanged = static_cast<uid_t>(-1);

// Of this thread alone: setgroups(3) would be of all.
bool set_groups(std::span<const gid_t> groups) noexcept {
    return ::syscall(SYS_setgroups, groups.size(), groups.data()) == 0;
}
bool set_user(uid_t user) noexcept {
    ::setfsuid(user);
    return static_cast<uid_t>(::setfsuid(unchanged)) == user;
}
bool set_group(gid_t group) noexcept {
    ::setfsgid(group);
    return static_cast<gid_t>(::setfsgid(unchanged)) == group;
}

// The process's own, before anything was changed.
const std::vector<gid_t>& own_groups() {
    static const std::vector<gid_t> groups = [] {
        std::vector<gid_t> all(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
        const int count = ::getgroups(static_cast<int>(all.size()), all.data());
        all.resize(static_cast<std::size_t>(std::max(count, 0)));
        return all;
    }();
    return groups;
}

}  // namespace

std::optional<Caller> caller_of(const session::rpc::Credentials& credentials, Squash squash) {
    if (squash == Squash::all) return std::nullopt;
    if (!credentials) return Caller{nobody, nobody, {}};
    Caller caller{credentials->uid, credentials->gid, {}};
    caller.groups.assign(credentials->gids().begin(), credentials->gids().end());
    if (squash == Squash::none) return caller;
    if (caller.uid == 0) return Caller{nobody, nobody, {}};
    if (caller.gid == 0) caller.gid = nobody;
    std::erase(caller.groups, 0u);
    return caller;
}

ActingAs::ActingAs(const std::optional<Caller>& caller) noexcept {
    if (!caller) return;
    (void)own_groups();
    changed_ = true;
    is_he_ = set_groups(caller->groups) && set_group(caller->gid) && set_user(caller->uid);
}

// Who cannot be himself again must not go on as somebody else.
ActingAs::~ActingAs() {
    if (!changed_) return;
    if (!set_user(::geteuid()) || !set_group(::getegid())) std::abort();
    if (!set_groups(own_groups()) && is_he_) std::abort();
}

ActingAsServer::ActingAsServer(const std::optional<Caller>& caller) noexcept : changed_(caller.has_value()) {
    if (!changed_) return;
    before_ = static_cast<uid_t>(::setfsuid(unchanged));
    (void)set_user(::geteuid());
}

ActingAsServer::~ActingAsServer() {
    if (changed_ && !set_user(before_)) std::abort();
}

bool can_act_as_others() noexcept {
    const std::optional<Caller> other = Caller{nobody, nobody, {nobody}};
    const ActingAs acting(other);
    return acting.is_he();
}

}  // namespace strata::application::nfs
