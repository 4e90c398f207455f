// Right passwords, for a while.
#include "strata/7_application/users/remembered.hpp"

#include <gtest/gtest.h>

#include "strata/7_application/users/users.hpp"

namespace strata::application {
namespace {

constexpr Instant start{1h};

std::shared_ptr<const User> user(const std::string& name) { return std::make_shared<const User>(User{name, nullptr}); }

TEST(RememberedLogins, AreKeptForAWhile) {
    RememberedLogins logins({.kept_for = 60s});
    const auto digest = logins.digest("ann", "secret");
    const auto ann = user("ann");
    logins.keep(digest, ann, start);
    EXPECT_EQ(logins.find(digest, start + 59s), ann);
    EXPECT_EQ(logins.find(logins.digest("ann", "Secret"), start), nullptr);
    EXPECT_EQ(logins.find(logins.digest("annsecret", ""), start), nullptr);
    EXPECT_EQ(logins.find(digest, start + 60s), nullptr);
    EXPECT_EQ(logins.size(), 0u);
}

TEST(RememberedLogins, AreBounded) {
    RememberedLogins logins({.logins_max = 2});
    const auto a = logins.digest("a", ""), b = logins.digest("b", ""), c = logins.digest("c", "");
    logins.keep(a, user("a"), start);
    logins.keep(b, user("b"), start);
    logins.keep(a, user("a"), start);  // anew
    EXPECT_EQ(logins.size(), 2u);
    logins.keep(c, user("c"), start);
    EXPECT_EQ(logins.size(), 2u);
    EXPECT_NE(logins.find(a, start), nullptr);
    EXPECT_EQ(logins.find(b, start), nullptr);
    RememberedLogins none({.logins_max = 0});
    none.keep(a, user("a"), start);
    EXPECT_EQ(none.size(), 0u);
}

TEST(RememberedLogins, HaveAKeyOfTheirOwn) {
    RememberedLogins logins, others;
    const auto digest = logins.digest("ann", "secret");
    EXPECT_NE(digest, others.digest("ann", "secret"));
    logins.keep(digest, user("ann"), start);
    logins.forget_all();
    EXPECT_EQ(logins.find(digest, start), nullptr);
    EXPECT_NE(digest, logins.digest("ann", "secret"));
}

}  // namespace
}  // namespace strata::application
