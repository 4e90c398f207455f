// Accounts: who is who on this machine, by passwd(5) and group(5) or
// whatever nsswitch.conf(5) names beside them.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::cli {

inline constexpr uid_t roots_user = 0;
// What is nobody's: the kernel shows users it has no number for as this one (user_namespaces(7)).
inline constexpr uid_t nobodys_user = 65534;
inline constexpr gid_t nobodys_group = 65534;

struct Account {
    std::string name;  // of a user without an account: "user 1234"
    uid_t user = nobodys_user;
    gid_t group = nobodys_group;
    std::vector<gid_t> groups{group};  // all he is in, that one among them
};

class Accounts {
public:
    virtual ~Accounts() = default;
    [[nodiscard]] virtual std::optional<Account> find(const std::string& name) const = 0;
    [[nodiscard]] virtual std::optional<Account> find(uid_t user) const = 0;
    [[nodiscard]] virtual std::optional<gid_t> find_group(const std::string& name) const = 0;
};

class SystemAccounts final : public Accounts {
public:
    [[nodiscard]] std::optional<Account> find(const std::string& name) const override;
    [[nodiscard]] std::optional<Account> find(uid_t user) const override;
    [[nodiscard]] std::optional<gid_t> find_group(const std::string& name) const override;
};

// Digits alone. Never 4294967295: setresuid(2) takes it for "leave it as it is".
[[nodiscard]] std::optional<std::uint32_t> parse_id(std::string_view text);

}  // namespace strata::cli
