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
        out.note_version({"\"tag\"", "Mon, 02 Feb 2026 00:00:00 GMT", 12});
        out.write(bytes_of("first "));
    }
    OutputFile out(target, {.resume = true});
    EXPECT_EQ(out.size(), 6u);
    EXPECT_EQ(out.version().etag, "\"tag\"");
    EXPECT_EQ(out.version().last_modified, "Mon, 02 Feb 2026 00:00:00 GMT");
    EXPECT_EQ(out.version().total, 12u);
    out.write(bytes_of("second"));
    presentation::Sha256 sha256;
    sha256.add(bytes_of("first second"));
    EXPECT_EQ(out.digest(), sha256.finish());
    out.commit();
    EXPECT_EQ(folder.read("file"), "first second");
}

// It may be of yesterday's fetch, or the user's own.
TEST_F(Output, AnEarlierPartIsLeftAloneUntilBytesArrive) {
    folder.write("file.part", "of yesterday");
    folder.write("file.part.version", "\"tag\"\n\n12\n");
    {
        const OutputFile out(target, {});
    }
    EXPECT_EQ(folder.read("file.part"), "of yesterday");
    EXPECT_EQ(folder.read("file.part.version"), "\"tag\"\n\n12\n");
    OutputFile out(target, {});
    EXPECT_EQ(out.size(), 0u);
    out.write(bytes_of("new"));
    EXPECT_EQ(folder.read("file.part"), "new");
    EXPECT_FALSE(std::filesystem::exists(target + ".part.version"));
}

TEST_F(Output, AnEmptyFileReplacesAnEarlierPart) {
    folder.write("file.part", "of yesterday");
    OutputFile out(target, {});
    out.commit();
    EXPECT_EQ(folder.read("file"), "");
}

TEST_F(Output, WhatIsOfAnotherVersionIsCutOff) {
    folder.write("file.part", "first and second");
    OutputFile out(target, {.resume = true});
    EXPECT_EQ(out.same_there(0, bytes_of("first, then")), 5u);
    EXPECT_EQ(out.same_there(6, bytes_of("and second, and third")), 10u);
    EXPECT_EQ(out.same_there(16, bytes_of("behind it")), 0u);
    out.cut_to(5);
    out.write(bytes_of(" only"));
    presentation::Sha256 sha256;
    sha256.add(bytes_of("first only"));
    EXPECT_EQ(out.digest(), sha256.finish());
    out.commit();
    EXPECT_EQ(folder.read("file"), "first only");
}

// Of 255 bytes, which a file system allows: the part and what is known of its version have names as well.
TEST_F(Output, TheLongestNameIsSavedAndResumed) {
    std::string chinese = "x";
    for (int i = 0; i < 84; ++i) chinese += "说";
    for (const std::string& name : {std::string(241, 'n'), std::string(242, 'n'), std::string(255, 'n'), chinese}) {
        {
            OutputFile out(folder.path() / name, {});
            out.note_version({"\"tag\"", "", {}});
            out.write(bytes_of("half"));
        }
        OutputFile out(folder.path() / name, {.resume = true});
        EXPECT_EQ(out.size(), 4u);
        EXPECT_EQ(out.version().etag, "\"tag\"");
        out.commit();
        EXPECT_EQ(folder.read(name), "half");
    }
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 4) << "and nothing is left beside";
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
