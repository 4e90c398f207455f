// Who logs in, how fast one may guess, and what becomes of a file that changes.
#include "strata/7_application/users/users.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/5_session/kernel/network.hpp"
#include "strata/7_application/users/password.hpp"
#include "tests/7_application/users/cheap_hash.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

namespace asio = session::asio;
using test::cheap_hash;

struct UsersTest : strata::test::ServedFolder {
    UsersTest() {
        folder.write("served/photos/a.txt", "a");
        served = *FileRoot::open(folder.path() / "served");
        options.on_a_thread = false;
        write("ann:" + cheap_hash("secret") + ":all::photos\nbob:" + cheap_hash("other") + "\n");
    }
    [[nodiscard]] std::string path() const { return folder.path() / "users"; }
    void write(const std::string& text) const {
        folder.write("users", text);
        ASSERT_EQ(::chmod(path().c_str(), 0600), 0);
    }
    void open() {
        auto opened = Users::open(path(), served, options, [this](const std::string& what) { told.push_back(what); });
        ASSERT_TRUE(opened) << opened.error();
        users = *opened;
    }
    asio::awaitable<void> log_in_to(LoginResult& result, std::string name, std::string password, std::string from) {
        const session::Address address{*IpAddress::parse(from), 5000};
        result = co_await users->log_in(server.network(), std::move(name), std::move(password), address);
        took = server.network().now() - began;
    }
    LoginResult log_in(const std::string& name, const std::string& password, const std::string& from = "10.0.0.1") {
        if (!users) open();
        LoginResult result = std::unexpected(LoginFault::busy);
        took = Duration{-1};
        began = server.network().now();
        EXPECT_EQ(failure_of(log_in_to(result, name, password, from), 1min), "");
        EXPECT_GE(took, Duration{0}) << "it has not ended";
        return result;
    }
    static bool is_wrong(const LoginResult& result) { return !result && result.error() == LoginFault::wrong; }
    static bool is_busy(const LoginResult& result) { return !result && result.error() == LoginFault::busy; }

    FileRoot served = *FileRoot::open("/");
    UsersOptions options;
    std::shared_ptr<Users> users;
    std::vector<std::string> told;
    Instant began{};
    Duration took{};
};

TEST_F(UsersTest, WhoKnowsThePasswordIsLetIn) {
    const LoginResult ann = log_in("ann", "secret");
    ASSERT_TRUE(ann);
    EXPECT_EQ((*ann)->name, "ann");
    EXPECT_EQ((*ann)->root->rights(), FileRights::all);
    EXPECT_TRUE((*ann)->root->look("a.txt")) << "his folder is beneath the served one";
    const LoginResult bob = log_in("bob", "other");
    ASSERT_TRUE(bob);
    EXPECT_EQ((*bob)->root->rights(), FileRights::read);
    EXPECT_TRUE((*bob)->root->look("photos/a.txt"));
}

TEST_F(UsersTest, NobodyElseIs) {
    for (const auto& [name, password] :
         std::vector<std::pair<std::string, std::string>>{{"ann", "Secret"},
                                                          {"ann", ""},
                                                          {"ann", std::string("secret\0", 7)},
                                                          {"", "secret"},
                                                          {"bob", "secret"},
                                                          {"eve", "secret"},
                                                          {"zoe", "other"},
                                                          {"ann", std::string(100'000, 'x')}})
        EXPECT_TRUE(is_wrong(log_in(name, password))) << name << " " << password.size();
}

TEST_F(UsersTest, WhereThereIsNobodyNobodyIsLetIn) {
    write("# nobody yet\n");
    EXPECT_TRUE(is_wrong(log_in("ann", "secret")));
}

// Several at once, in this order.
struct AtOnce : UsersTest {
    void log_in_all(const std::vector<std::string>& passwords, const std::string& from = "10.0.0.1") {
        if (!users) open();
        results.assign(passwords.size(), std::nullopt);
        began = server.network().now();
        for (std::size_t i = 0; i < passwords.size(); ++i)
            asio::co_spawn(lab.io(), one(i, passwords[i], from), [](std::exception_ptr failed) {
                if (failed) std::rethrow_exception(failed);
            });
        lab.run_for(1min);
    }
    asio::awaitable<void> one(std::size_t index, std::string password, std::string from) {
        const session::Address address{*IpAddress::parse(from), 5000};
        std::string name = "ann";
        const LoginResult result =
            co_await users->log_in(server.network(), std::move(name), std::move(password), address);
        results[index] = std::pair(result, server.network().now() - began);
    }
    // Seconds until each was answered; -1: at once, as busy.
    [[nodiscard]] std::vector<double> answers() const {
        std::vector<double> seconds;
        for (const auto& result : results) {
            EXPECT_TRUE(result.has_value());
            const bool busy = result && is_busy(result->first);
            if (busy) {
                EXPECT_EQ(result->second, Duration{0});
            }
            seconds.push_back(!result || busy ? -1 : seconds_of(result->second));
        }
        return seconds;
    }
    std::vector<std::optional<std::pair<LoginResult, Duration>>> results;
};

TEST_F(AtOnce, GuessesWaitLongerAndLonger) {
    options.pace = {.free_max = 2, .first_delay = 1s, .delay_max = 4s, .wait_max = 11s};
    log_in_all({"1", "2", "3", "4", "5", "6", "7"});
    EXPECT_EQ(answers(), (std::vector<double>{0, 0, 1, 3, 7, 11, -1})) << "15 s would be more than wait_max";
    log_in_all({"1", "2", "3"}, "10.0.0.9");
    EXPECT_EQ(answers(), (std::vector<double>{0, 0, 1})) << "another address has a pace of its own";
}

TEST_F(AtOnce, TheRightPasswordWaitsItsTurnToo) {
    options.pace = {.free_max = 1, .first_delay = 8s, .delay_max = 8s};
    log_in_all({"1", "secret"});
    EXPECT_EQ(answers(), (std::vector<double>{0, 8}));
    EXPECT_TRUE(results[1]->first);
}

TEST_F(AtOnce, TheSameAgainIsNoFurtherGuess) {
    options.pace = {.free_max = 1, .first_delay = 8s, .delay_max = 8s};
    log_in_all({"1", "1", "1", "1", "1", "1"});
    EXPECT_EQ(answers(), (std::vector<double>(6, 0)));
    for (const auto& result : results) EXPECT_TRUE(is_wrong(result->first));
}

TEST_F(AtOnce, WhatWasRightWaitsForNobody) {
    options.pace = {.free_max = 1, .first_delay = 8s, .delay_max = 8s, .wait_max = 16s};
    log_in_all({"secret"});
    log_in_all({"1", "2", "secret"});
    EXPECT_EQ(answers(), (std::vector<double>{0, 8, 0}));
}

// Whoever could ask for what is remembered as often as he likes could guess as often.
TEST_F(AtOnce, WhereTooManyWaitAllAreRefused) {
    options.pace = {.free_max = 1, .first_delay = 8s, .delay_max = 8s, .wait_max = 15s};
    log_in_all({"secret"});
    log_in_all({"1", "2", "3", "secret"});
    EXPECT_EQ(answers(), (std::vector<double>{0, 8, -1, -1}));
    log_in_all({"secret"});
    EXPECT_EQ(answers(), (std::vector<double>{0})) << "a minute later";
}

TEST_F(UsersTest, AChangedFileIsRead) {
    ASSERT_TRUE(log_in("ann", "secret"));
    const std::shared_ptr<const User> bob = log_in("bob", "other").value();
    write("ann:" + cheap_hash("new") + ":all::photos\nbob:" + cheap_hash("other") + "\n");
    EXPECT_TRUE(is_wrong(log_in("ann", "secret"))) << "what was remembered is forgotten";
    EXPECT_TRUE(log_in("ann", "new"));
    EXPECT_EQ(log_in("bob", "other").value(), bob) << "he is as he was";
    write("ann:" + cheap_hash("new") + "\n");
    EXPECT_TRUE(is_wrong(log_in("bob", "other")));
    EXPECT_EQ(log_in("ann", "new").value()->root->rights(), FileRights::read);
    EXPECT_EQ(users->all().size(), 1u);
    EXPECT_TRUE(told.empty());
}

TEST_F(UsersTest, AWrongFileLeavesWhatWasBefore) {
    ASSERT_TRUE(log_in("ann", "secret"));
    write("ann:" + cheap_hash("new") + "\nbob\n");
    EXPECT_TRUE(log_in("ann", "secret"));
    EXPECT_TRUE(log_in("ann", "secret"));
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0], path() +
                           ":2: the password of 'bob' is not hashed by scrypt, yescrypt, bcrypt or SHA-crypt; "
                           "the users stay as they were");
    write("ann:" + cheap_hash("new") + ":::nowhere\n");
    EXPECT_TRUE(log_in("ann", "secret"));
    ASSERT_EQ(told.size(), 2u);
    EXPECT_NE(told[1].find("the folder 'nowhere' of 'ann'"), std::string::npos) << told[1];
    write("ann:" + cheap_hash("new") + "\n");
    EXPECT_TRUE(log_in("ann", "new"));
    ASSERT_EQ(told.size(), 3u);
    EXPECT_EQ(told[2], path() + " is right again");
    std::filesystem::remove(path());
    EXPECT_TRUE(log_in("ann", "new"));
    EXPECT_EQ(told.size(), 4u);
}

TEST_F(UsersTest, TheFileIsLookedAtOnceASecond) {
    options.looked_at_after = 10min;
    ASSERT_TRUE(log_in("ann", "secret"));
    write("");
    EXPECT_TRUE(log_in("ann", "secret"));
    lab.run_for(10min);
    EXPECT_TRUE(is_wrong(log_in("ann", "secret")));
}

TEST_F(UsersTest, AFileThatOthersMayWriteIsRefused) {
    for (const mode_t mode : {0620U, 0602U}) {
        ASSERT_EQ(::chmod(path().c_str(), mode), 0);
        const auto opened = Users::open(path(), served);
        ASSERT_FALSE(opened);
        EXPECT_NE(opened.error().find("chmod go-w"), std::string::npos) << opened.error();
    }
    const auto folder_is_none = Users::open(folder.path(), served);
    EXPECT_FALSE(folder_is_none);
    const auto missing = Users::open(folder.path() / "missing", served);
    EXPECT_FALSE(missing);
}

TEST_F(UsersTest, AFolderMayBeElsewhereButNotAboveByName) {
    folder.write("else/b.txt", "b");
    write("ann:" + cheap_hash("secret") + ":::" + (folder.path() / "else").string() + "\n");
    EXPECT_TRUE(log_in("ann", "secret").value()->root->look("b.txt"));
    write("ann:" + cheap_hash("secret") + ":::../else\n");
    EXPECT_FALSE(Users::open(path(), served));
    std::filesystem::create_directory_symlink(folder.path() / "else", folder.path() / "served/link");
    write("ann:" + cheap_hash("secret") + ":::link\n");
    EXPECT_FALSE(Users::open(path(), served)) << "beneath the served folder nothing leads out";
}

// On a thread, in real time: what is hashed there comes back to its own event loop.
struct OnAThread : UsersTest {
    OnAThread() { options.on_a_thread = true; }
    boost::asio::io_context io{1};
    session::KernelNetwork network{io, {}};
    std::vector<LoginResult> results;

    asio::awaitable<void> one(std::string password) {
        const session::Address address{*IpAddress::parse("10.0.0.1"), 5000};
        std::string name = "ann";
        results.push_back(co_await users->log_in(network, std::move(name), std::move(password), address));
    }
    void log_in_all(const std::vector<std::string>& passwords) {
        if (!users) open();
        for (const std::string& password : passwords) asio::co_spawn(io, one(password), asio::detached);
        io.run();
        io.restart();
    }
};

TEST_F(OnAThread, APasswordIsLookedAt) {
    const std::string hash = hash_password("it costs");
    EXPECT_TRUE(hash.starts_with("$7$"));
    write("ann:" + hash + "\n");
    log_in_all({"it costs", "it costs", "it cost"});
    ASSERT_EQ(results.size(), 3u);
    const auto let_in = std::ranges::count_if(results, [](const auto& result) { return result.has_value(); });
    EXPECT_EQ(let_in, 2);
}

TEST_F(OnAThread, SoManyMayWait) {
    options.checks_waiting_max = 2;
    log_in_all({"1", "secret", "3"});
    ASSERT_EQ(results.size(), 3u);
    EXPECT_EQ(std::ranges::count_if(results, is_busy), 1);
    EXPECT_EQ(std::ranges::count_if(results, is_wrong), 1);
    log_in_all({"3"});
    EXPECT_TRUE(is_wrong(results.back())) << "there is room again";
}

}  // namespace
}  // namespace strata::application
