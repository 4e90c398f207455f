// The file of users, line by line, and the hashes in it.
#include "strata/7_application/users/users_file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "strata/7_application/users/password.hpp"
#include "tests/7_application/users/cheap_hash.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

using test::cheap_hash;

const std::string hash = cheap_hash("secret");

TEST(UsersFile, ALineIsAUser) {
    const auto users = parse_users("# people\n\nann:" + hash + ":all:2G:photos/2026:b\r\nbob:" + hash +
                                   "\néve:" + hash + ":add::/srv");
    ASSERT_TRUE(users) << users.error().what;
    const std::vector<UserLine> expected{{"ann", hash, FileRights::all, 2ull << 30, "photos/2026:b"},
                                         {"bob", hash, FileRights::read, std::nullopt, ""},
                                         {"éve", hash, FileRights::add, std::nullopt, "/srv"}};
    EXPECT_EQ(*users, expected);
    for (const UserLine& user : *users) EXPECT_EQ(parse_users(line_of(user)).value(), std::vector<UserLine>{user});
}

TEST(UsersFile, AWrongLineIsTold) {
    const auto wrong = [](const std::string& text) {
        const auto users = parse_users(text);
        return users ? "" : std::to_string(users.error().number) + ": " + users.error().what;
    };
    EXPECT_EQ(wrong("\nann:" + hash + "\nann:" + hash), "3: there are two of the name 'ann'");
    EXPECT_EQ(wrong("ann:" + hash + ":some"), "1: 'some' are no rights; write read, add or all");
    EXPECT_EQ(wrong("ann:" + hash + ":all:lots"), "1: 'lots' is no number of bytes; write one such as 2G");
    EXPECT_EQ(wrong(":" + hash), "1: a user has a name");
    EXPECT_NE(wrong("a\tb:" + hash), "");
    EXPECT_EQ(wrong("ann:" + hash + ":::a\r\r\n"), "1: there are control characters");
    EXPECT_NE(wrong("\xff:" + hash), "");
    EXPECT_NE(wrong("ann:" + hash + ":::a" + std::string(1, '\0')), "");
    EXPECT_NE(wrong("ann"), "");
    EXPECT_NE(wrong("ann:secret"), "");
    EXPECT_NE(wrong("ann:rl.3StKT.4T8M"), "") << "DES";
    EXPECT_NE(wrong("ann:$1$abcdefgh$0EPWMNjAaeYvEfSzGcmFy0"), "") << "MD5";
    EXPECT_EQ(wrong("ann:$2b$12$abcdefghijklmnopqrstuuK7d1GAHuJrUi6cqsWoMUn0Hx3ZAIqoi"), "");
}

TEST(UsersFile, IsBounded) {
    const std::string two = "a:" + hash + "\nb:" + hash + "\n";
    EXPECT_TRUE(parse_users(two, {.users_max = 2}));
    EXPECT_EQ(parse_users(two + "c:" + hash, {.users_max = 2}).error().what, "there are more than 2 users");
    EXPECT_TRUE(parse_users("abc:" + hash, {.name_size_max = 3}));
    EXPECT_EQ(parse_users("abcd:" + hash, {.name_size_max = 3}).error().what, "a user's name has at most 3 bytes");
    const strata::test::TemporaryFolder folder;
    const std::string path = folder.path() / "users";
    folder.write("users", two);
    ASSERT_EQ(::chmod(path.c_str(), 0600), 0);
    EXPECT_EQ(read_users_file(path, {.size_max = two.size()}).value(), two);
    EXPECT_FALSE(read_users_file(path, {.size_max = two.size() - 1}));
}

TEST(UsersFile, BytesHaveUnits) {
    EXPECT_EQ(bytes_named("500"), 500u);
    EXPECT_EQ(bytes_named("20K"), 20u << 10);
    EXPECT_EQ(bytes_named("16777215T"), std::uint64_t{16777215} << 40);
    for (const char* wrong : {"", "K", "2KB", "-1", "2k", "16777216T", "18446744073709551616"})
        EXPECT_EQ(bytes_named(wrong), std::nullopt) << wrong;
}

TEST(Passwords, AreNotTakenForOthers) {
    EXPECT_TRUE(is_password_of("secret", hash));
    EXPECT_FALSE(is_password_of("secrets", hash));
    EXPECT_FALSE(is_password_of("secret", "$7$4/..../....SALT")) << "no hash at all";
    EXPECT_FALSE(is_password_of("secret", "$7$?"));
    EXPECT_FALSE(is_password_of("", "*0"));
    const std::string longest(password_size_max, 'x');
    EXPECT_TRUE(is_password_of(longest, cheap_hash(longest)));
    EXPECT_FALSE(is_password_of(longest + "x", cheap_hash(longest)));
    EXPECT_THROW((void)hash_password(longest + "x"), std::invalid_argument);
    EXPECT_THROW((void)hash_password(std::string_view("a\0b", 3)), std::invalid_argument);
}

}  // namespace
}  // namespace strata::application
