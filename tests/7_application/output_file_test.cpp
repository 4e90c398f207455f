// A file that comes into being whole or not at all.
#include <gtest/gtest.h>

#include "strata/7_application/output_file.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

struct Output : testing::Test {
    test::TemporaryFolder folder;
    std::string target = folder.path() / "file";
};

TEST_F(Output, AppearsOnlyWhenItIsWhole) {
    OutputFile out(target, {});
    out.write(bytes_of("half"));
    EXPECT_FALSE(std::filesystem::exists(target));
    EXPECT_TRUE(std::filesystem::exists(target + ".part"));
    out.write(bytes_of(" and half"));
    EXPECT_EQ(out.size(), 13u);
    presentation::Sha256 sha256;
    sha256.add(bytes_of("half and half"));
    EXPECT_EQ(out.digest(), sha256.finish());
    out.commit();
    EXPECT_EQ(folder.read("file"), "half and half");
    EXPECT_FALSE(std::filesystem::exists(target + ".part"));
}

TEST_F(Output, DoesNotOverwriteUnlessForced) {
    folder.write("file", "old");
    EXPECT_THROW(OutputFile(target, {}), OutputError);
    {
        OutputFile out(target, {.force = true});
        out.write(bytes_of("new"));
        EXPECT_EQ(folder.read("file"), "old");
        out.commit();
    }
    EXPECT_EQ(folder.read("file"), "new");
}

TEST_F(Output, AFileThatAppearsMeanwhileIsNotOverwritten) {
    OutputFile out(target, {});
    out.write(bytes_of("ours"));
    folder.write("file", "theirs");
    EXPECT_THROW(out.commit(), OutputError);
    EXPECT_EQ(folder.read("file"), "theirs");
}

TEST_F(Output, ResumesBehindWhatIsThere) {
    {
        OutputFile out(target, {});
        out.write(bytes_of("first "));
        out.note_validator("\"tag\"");
    }
    OutputFile out(target, {.resume = true});
    EXPECT_EQ(out.size(), 6u);
    EXPECT_EQ(out.validator(), "\"tag\"");
    out.write(bytes_of("second"));
    presentation::Sha256 sha256;
    sha256.add(bytes_of("first second"));
    EXPECT_EQ(out.digest(), sha256.finish());
    out.commit();
    EXPECT_EQ(folder.read("file"), "first second");
}

TEST_F(Output, TwoFetchesDoNotShareAPart) {
    OutputFile out(target, {});
    EXPECT_THROW(OutputFile(target, {}), OutputError);
}

TEST_F(Output, NothingWrittenLeavesNothing) {
    {
        OutputFile out(target, {});
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_THROW(OutputFile(folder.path() / "no" / "such" / "folder", {}), OutputError);
}

}  // namespace
}  // namespace strata::application
