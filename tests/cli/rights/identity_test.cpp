// As whom `serve` runs: a table of who starts it, what is said to it, and whose the folder is.
#include "strata/cli/rights/identity.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

class FewAccounts final : public Accounts {
public:
    [[nodiscard]] std::optional<Account> find(const std::string& name) const override {
        for (const Account& account : accounts_) {
            if (account.name == name) return account;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<Account> find(uid_t user) const override {
        for (const Account& account : accounts_) {
            if (account.user == user) return account;
        }
        return std::nullopt;
    }
    [[nodiscard]] std::optional<gid_t> find_group(const std::string& name) const override {
        return name == "media" ? std::optional<gid_t>(44) : std::nullopt;
    }

private:
    std::array<Account, 5> accounts_{{{"root", 0, 0, {0}},
                                      {"toor", 0, 0, {0}},
                                      {"alice", 1000, 1001, {1001, 27}},
                                      {"1234", 500, 500, {500}},
                                      {"nobody", 65534, 65534, {65534}}}};
};

Circumstances root_serves(uid_t folder_owner) {
    return {.run_as = "", .sudo_uid = "", .started_by = {"user 0", 0, 0, {0}}, .folder_owner = folder_owner};
}

Circumstances alice_serves() {
    return {.run_as = "", .sudo_uid = "", .started_by = {"user 1000", 1000, 1001, {1001, 27}}, .folder_owner = 0};
}

Identity chosen(Circumstances circumstances, std::string run_as = "") {
    circumstances.run_as = std::move(run_as);
    return choose_identity(circumstances, FewAccounts());
}

TEST(Identity, OfWhatRootStarts) {
    const struct {
        const char* run_as;
        const char* sudo_uid;
        uid_t folder_owner;
        uid_t user;
        gid_t group;
        Reason reason;
    } cases[] = {
        {"", "", 0, 65534, 65534, Reason::nobody_else},
        {"", "", 1000, 1000, 1001, Reason::owns_folder},
        {"", "", 4321, 4321, 65534, Reason::owns_folder},
        {"", "1000", 0, 1000, 1001, Reason::called_sudo},
        {"", "1000", 500, 1000, 1001, Reason::called_sudo},
        {"", "4321", 0, 4321, 65534, Reason::called_sudo},
        {"", "4294967294", 0, 4294967294, 65534, Reason::called_sudo},
        // Root who calls sudo is nobody, and so is whatever is no number of a user.
        {"", "0", 0, 65534, 65534, Reason::nobody_else},
        {"", "00", 0, 65534, 65534, Reason::nobody_else},
        {"", "0", 1000, 1000, 1001, Reason::owns_folder},
        {"", "4294967295", 0, 65534, 65534, Reason::nobody_else},  // -1 of setresuid(2): leave it
        {"", "4294967296", 0, 65534, 65534, Reason::nobody_else},  // 0 of 32 bits
        {"", "18446744073709551616", 0, 65534, 65534, Reason::nobody_else},
        {"", "-1", 0, 65534, 65534, Reason::nobody_else},
        {"", "+1000", 0, 65534, 65534, Reason::nobody_else},
        {"", " 1000", 0, 65534, 65534, Reason::nobody_else},
        {"", "1000 ", 0, 65534, 65534, Reason::nobody_else},
        {"", "0x3e8", 0, 65534, 65534, Reason::nobody_else},
        {"", "1e3", 0, 65534, 65534, Reason::nobody_else},
        {"", "alice", 0, 65534, 65534, Reason::nobody_else},
        // What was asked for precedes all else.
        {"alice", "500", 500, 1000, 1001, Reason::asked_for},
        {"1000", "", 0, 1000, 1001, Reason::asked_for},
        {"4321", "", 0, 4321, 65534, Reason::asked_for},
        {"1234", "", 0, 500, 500, Reason::asked_for},  // a name before a number
        {"alice:media", "", 0, 1000, 44, Reason::asked_for},
        {"4321:7", "", 0, 4321, 7, Reason::asked_for},
    };
    for (const auto& [run_as, sudo_uid, folder_owner, user, group, reason] : cases) {
        Circumstances circumstances = root_serves(folder_owner);
        circumstances.sudo_uid = sudo_uid;
        const Identity identity = chosen(circumstances, run_as);
        EXPECT_EQ(identity.account.user, user) << run_as << " " << sudo_uid;
        EXPECT_EQ(identity.account.group, group) << run_as << " " << sudo_uid;
        EXPECT_EQ(identity.reason, reason) << run_as << " " << sudo_uid;
        EXPECT_TRUE(identity.gives_up) << run_as << " " << sudo_uid;
    }
}

TEST(Identity, ItsGroups) {
    EXPECT_EQ(chosen(root_serves(0), "alice").account.groups, (std::vector<gid_t>{1001, 27}));
    EXPECT_EQ(chosen(root_serves(0), "alice:media").account.groups, (std::vector<gid_t>{44}));  // and no other
    EXPECT_EQ(chosen(root_serves(0), "4321").account.groups, (std::vector<gid_t>{65534}));
    EXPECT_EQ(chosen(root_serves(0)).account.groups, (std::vector<gid_t>{65534}));
}

TEST(Identity, RootStaysRootOnlyWhereItIsSaid) {
    for (const char* name : {"root", "0", "toor"}) {
        const Identity identity = chosen(root_serves(1000), name);
        EXPECT_EQ(identity.account.user, 0u) << name;
        EXPECT_FALSE(identity.gives_up) << name;
        EXPECT_EQ(sentence_of(identity), "keeping all of root's rights, as --run-as says");
    }
}

TEST(Identity, OfWhatAnybodyElseStarts) {
    for (const char* name : {"", "alice", "1000", "alice:1001"}) {
        Circumstances circumstances = alice_serves();
        circumstances.sudo_uid = "500";  // not asked
        const Identity identity = chosen(circumstances, name);
        EXPECT_EQ(identity.account.user, 1000u) << name;
        EXPECT_EQ(identity.account.groups, circumstances.started_by.groups) << name;
        EXPECT_FALSE(identity.gives_up) << name;
        EXPECT_EQ(sentence_of(identity), "");
        circumstances.has_capabilities = true;
        EXPECT_TRUE(chosen(circumstances, name).gives_up) << name;
    }
    for (const char* name : {"root", "0", "nobody", "4321", "alice:media", "alice:0"})
        EXPECT_THROW((void)chosen(alice_serves(), name), std::runtime_error) << name;
}

TEST(Identity, MistakesAreNamed) {
    const struct {
        const char* run_as;
        const char* said;
    } cases[] = {
        {"alicia", "there is no user 'alicia'"},
        {"-1", "there is no user '-1'"},
        {"4294967295", "there is no user '4294967295'"},
        {"4294967296", "there is no user '4294967296'"},
        {":media", "there is no user ''"},
        {"alice:", "there is no group ''"},
        {"alice:crew", "there is no group 'crew'"},
        {"alice:4294967295", "there is no group '4294967295'"},
        {"alice:media:", "there is no group 'media:'"},
        {"root:media", "--run-as root"},
        {"0:media", "--run-as root"},
    };
    for (const auto& [run_as, said] : cases) {
        try {
            (void)chosen(root_serves(0), run_as);
            ADD_FAILURE() << run_as << " is taken";
        } catch (const WrongUse& error) {
            EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what();
        }
    }
}

TEST(Identity, WhatIsSaidAtTheStart) {
    Circumstances circumstances = root_serves(0);
    EXPECT_EQ(sentence_of(chosen(circumstances)), "running as nobody from here on, without root's rights");
    EXPECT_EQ(sentence_of(chosen(circumstances, "4321:7")),
              "running as user 4321:7 from here on, without root's rights");
    circumstances.folder_owner = 4321;
    EXPECT_EQ(sentence_of(chosen(circumstances)),
              "running as user 4321, the folder's owner, from here on, without root's rights");
    circumstances.sudo_uid = "1000";
    EXPECT_EQ(sentence_of(chosen(circumstances)),
              "running as alice, who called sudo, from here on, without root's rights");
    circumstances = alice_serves();
    circumstances.has_capabilities = true;
    EXPECT_EQ(sentence_of(chosen(circumstances)), "running without capabilities from here on");
}

TEST(Accounts, OfThisMachine) {
    const SystemAccounts accounts;
    const auto root = accounts.find(std::string("root"));
    ASSERT_TRUE(root);
    EXPECT_EQ(root->user, 0u);
    ASSERT_FALSE(root->groups.empty());
    EXPECT_EQ(root->groups.front(), root->group);
    EXPECT_EQ(accounts.find(uid_t{0})->user, 0u);
    EXPECT_EQ(accounts.find_group("root"), std::optional<gid_t>(0));
    EXPECT_FALSE(accounts.find(std::string("there is nobody of this name")));
    EXPECT_FALSE(accounts.find_group("there is no group of this name"));
    EXPECT_FALSE(accounts.find(uid_t{4'123'456'789}));
}

}  // namespace
}  // namespace strata::cli
