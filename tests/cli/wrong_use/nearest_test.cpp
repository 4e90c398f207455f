// "Did you mean ...?": who is near, and when nobody is.
#include "strata/cli/wrong_use/nearest.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace strata::cli {
namespace {

TEST(Nearest, LettersApart) {
    EXPECT_EQ(letters_apart("", ""), 0u);
    EXPECT_EQ(letters_apart("abc", ""), 3u);
    EXPECT_EQ(letters_apart("serve", "serve"), 0u);
    EXPECT_EQ(letters_apart("serv", "serve"), 1u);    // left out
    EXPECT_EQ(letters_apart("serrve", "serve"), 1u);  // put in
    EXPECT_EQ(letters_apart("sarve", "serve"), 1u);   // changed
    EXPECT_EQ(letters_apart("sreve", "serve"), 1u);   // swapped with its neighbour
    EXPECT_EQ(letters_apart("kitten", "sitting"), 3u);
}

TEST(Nearest, WhoIsMeant) {
    const std::vector<std::string> known{"serve", "get", "talk", "--net", "--encoding", "--resume", "--sha256", "-o"};
    EXPECT_EQ(nearest("sreve", known), "serve");
    EXPECT_EQ(nearest("GET", known), "get");
    EXPECT_EQ(nearest("-net", known), "--net");
    EXPECT_EQ(nearest("--enc", known), "--encoding");  // begins so
    EXPECT_EQ(nearest("--sha265", known), "--sha256");
    EXPECT_EQ(nearest("--o", known), "-o");
}

TEST(Nearest, NobodyIsMeant) {
    const std::vector<std::string> known{"serve", "get", "--resume", "--reply", "-o"};
    EXPECT_EQ(nearest("nonsense", known), std::nullopt);
    EXPECT_EQ(nearest("--re", known), std::nullopt);  // begins two
    EXPECT_EQ(nearest("-x", known), std::nullopt);    // as near to -o as to any
    EXPECT_EQ(nearest("", known), std::nullopt);
    EXPECT_EQ(nearest("--", known), std::nullopt);
    EXPECT_EQ(nearest(std::string(100'000, 's'), known), std::nullopt);
    EXPECT_EQ(nearest("serve", std::vector<std::string>{}), std::nullopt);
}

}  // namespace
}  // namespace strata::cli
