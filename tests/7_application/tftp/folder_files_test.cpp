// What a TFTP server reads and writes: small files from memory,
// within bounds, and always as they are.
#include "strata/7_application/tftp/content/folder_files.hpp"

#include <gtest/gtest.h>

#include "tests/support/served_folder.hpp"

namespace strata::application::tftp {
namespace {

struct TftpFolder : testing::Test {
    std::string read(std::string_view name) {
        const auto reading = files.open(name, now);
        if (!reading) return reading.error().message();
        return read(**reading);
    }
    static std::string read(const Reading& reading) {
        std::string text(reading.size() + 1, '\0');
        text.resize(reading.read(0, std::as_writable_bytes(std::span(text))).value_or(0));
        return text;
    }
    test::TemporaryFolder folder;
    FileRoot root = *FileRoot::open(folder.path(), {.rights = FileRights::add});
    FolderFiles files{root, {.cached_file_max = 10, .cached_all_max = 25}};
    Instant now{};
};

TEST_F(TftpFolder, ASmallFileIsReadOnceAndGivenToAll) {
    folder.write("a", "0123456789");
    const auto first = files.open("a", now);
    const auto second = files.open("a", now);
    EXPECT_EQ(first->get(), second->get());
    EXPECT_EQ(files.cached(), 10u);
    // A while later its name is looked up again, and it is the same file.
    EXPECT_EQ(files.open("a", now + 10s)->get(), first->get());
}

TEST_F(TftpFolder, AFileThatWasWrittenIsReadAnewAndWhoReadsTheOldOneHasIt) {
    folder.write("a", "old");
    const auto before = files.open("a", now);
    folder.write("a", "newer");
    EXPECT_EQ(read("a"), "newer");
    EXPECT_EQ(read(**before), "old");
    EXPECT_EQ(files.cached(), 5u);
}

TEST_F(TftpFolder, CachedFileMax) {
    folder.write("ten", "0123456789");
    folder.write("eleven", "0123456789a");
    EXPECT_EQ(read("eleven"), "0123456789a");
    EXPECT_EQ(files.cached(), 0u);
    EXPECT_EQ(read("ten"), "0123456789");
    EXPECT_EQ(files.cached(), 10u);
}

TEST_F(TftpFolder, CachedAllMax) {
    for (const char* name : {"a", "b", "c"}) folder.write(name, "0123456789");
    folder.write("five", "01234");
    const auto a = files.open("a", now), b = files.open("b", now);
    EXPECT_EQ(read("five"), "01234");
    EXPECT_EQ(files.cached(), 25u);
    EXPECT_EQ(files.open("a", now)->get(), a->get());
    EXPECT_EQ(read("c"), "0123456789");
    EXPECT_EQ(files.cached(), 25u);
    EXPECT_EQ(files.open("a", now)->get(), a->get()) << "it was asked for lately";
    EXPECT_NE(files.open("b", now)->get(), b->get());
}

TEST_F(TftpFolder, WhatIsNoFileSaysSo) {
    std::filesystem::create_directory(folder.path() / "sub");
    EXPECT_EQ(files.open("sub", now).error(), std::errc::is_a_directory);
    EXPECT_EQ(files.open("none", now).error(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(files.open("../x", now).error(), std::errc::permission_denied);
}

TEST_F(TftpFolder, WhatMayBeCreatedIsAMatterOfTheRights) {
    folder.write("there", "x");
    std::filesystem::create_directory(folder.path() / "sub");
    EXPECT_EQ(files.may_create("new"), std::error_code{});
    EXPECT_EQ(files.may_create("there"), std::errc::file_exists);
    EXPECT_EQ(files.may_create("sub"), std::errc::is_a_directory);
    EXPECT_EQ(files.may_create("none/new"), std::errc::no_such_file_or_directory);
    const FileRoot read_only = *FileRoot::open(folder.path());
    FolderFiles others{read_only};
    EXPECT_EQ(others.may_create("new"), std::errc::operation_not_permitted);
    EXPECT_FALSE(others.create("new", {}));
    const FileRoot all = *FileRoot::open(folder.path(), {.rights = FileRights::all});
    FolderFiles replacing{all};
    EXPECT_EQ(replacing.may_create("there"), std::error_code{});
}

TEST_F(TftpFolder, AFileIsThereWhenItIsCommitted) {
    {
        auto lost = files.create("lost", {});
        ASSERT_TRUE(lost);
        EXPECT_EQ((*lost)->write(bytes_of("x")), std::error_code{});
    }
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "lost"));
    auto kept = files.create("kept", 3);
    ASSERT_TRUE(kept);
    EXPECT_EQ((*kept)->write(bytes_of("all")), std::error_code{});
    EXPECT_EQ((*kept)->commit(), std::error_code{});
    EXPECT_EQ(folder.read("kept"), "all");
}

}  // namespace
}  // namespace strata::application::tftp
