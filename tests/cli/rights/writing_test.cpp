// What may be written, as the command line says it and as it is told.
#include "strata/cli/rights/writing.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <stdexcept>

#include "strata/cli/commands.hpp"
#include "strata/cli/rate.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::cli {
namespace {

using application::FileRights, application::FileRoot;

struct Writing : testing::Test {
    strata::test::TemporaryFolder folder;
    [[nodiscard]] FileRoot with(FileRights rights) const {
        return *FileRoot::open(folder.path(), {.rights = rights, .keep_free = 2 << 20});
    }
};

TEST_F(Writing, IsAskedFor) {
    EXPECT_EQ(parse_rights(""), FileRights::read);
    EXPECT_EQ(parse_rights("new"), FileRights::add);
    EXPECT_EQ(parse_rights("all"), FileRights::all);
    EXPECT_THROW((void)parse_rights("some"), WrongUse);
}

TEST_F(Writing, IsTold) {
    EXPECT_EQ(sentence_of_writing(with(FileRights::read), "alice"), "");
    EXPECT_EQ(sentence_of_writing(with(FileRights::add), "alice"), "whoever reaches it may add files and folders in " +
                                                                       folder.path().string() +
                                                                       ", as alice; 2.0 MiB of the disk stay free");
    EXPECT_NE(sentence_of_writing(with(FileRights::all), "alice").find("add, replace, rename and remove"),
              std::string::npos);
}

TEST_F(Writing, OnlyWhereItCanBeDone) {
    EXPECT_NO_THROW(check_that_it_may_write(with(FileRights::all), "alice"));
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    EXPECT_NO_THROW(check_that_it_may_write(with(FileRights::read), "alice"));
    EXPECT_THROW(check_that_it_may_write(with(FileRights::all), "alice"), std::runtime_error);
}

TEST_F(Writing, SizesAreUnderstood) {
    EXPECT_EQ(parse_byte_count("--keep-free", "0"), 0u);
    EXPECT_EQ(parse_byte_count("--keep-free", "1.5k"), 1536u);
    EXPECT_EQ(parse_byte_count("--keep-free", "2G"), 2ull << 30);
    for (const char* text : {"", "x", "-1", "1KB", "1e3", "9999999999G", "inf"})
        EXPECT_THROW((void)parse_byte_count("--keep-free", text), WrongUse) << text;
}

}  // namespace
}  // namespace strata::cli
