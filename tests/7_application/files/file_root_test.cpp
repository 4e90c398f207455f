// No name leads out of the folder: whether the kernel sees to it, or each step does.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/7_application/files/file_root.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

struct Root : testing::TestWithParam<bool> {
    strata::test::TemporaryFolder folder;
    FileRoot root = *FileRoot::open(folder.path(), {.by_steps = GetParam()});

    std::error_code error_of(const std::string& name) const {
        const auto opened = root.open_file(name);
        const auto looked = root.look(name);
        EXPECT_EQ(opened.has_value(), looked.has_value()) << name;
        return opened ? std::error_code{} : opened.error();
    }
};

TEST_P(Root, WhatIsInsideIsOpened) {
    folder.write("a", "text");
    folder.write("sub/deep/b", "more");
    EXPECT_FALSE(error_of("a"));
    EXPECT_FALSE(error_of("sub/deep/b"));
    EXPECT_TRUE(root.open_file("")->facts().folder);
    EXPECT_TRUE(root.open_file("sub/deep")->facts().folder);
    EXPECT_EQ(root.look("sub/deep/b")->size, 4u);
}

TEST_P(Root, WhoseItIs) {
    EXPECT_EQ(*root.owner(), ::geteuid());
    // The folder's that is open, whatever has its name by now.
    std::filesystem::rename(folder.path(), folder.path().string() + "-moved");
    EXPECT_EQ(*root.owner(), ::geteuid());
    std::filesystem::rename(folder.path().string() + "-moved", folder.path());
}

TEST_P(Root, NothingOutsideIs) {
    std::filesystem::create_directory(folder.path() / "sub");
    std::filesystem::create_symlink("/etc", folder.path() / "out");
    std::filesystem::create_symlink("/etc/passwd", folder.path() / "file-out");
    std::filesystem::create_symlink("../..", folder.path() / "sub/up");
    std::filesystem::create_symlink("/proc/self/fd/0", folder.path() / "magic");
    for (const char* name :
         {"../x", "sub/../../x", "..", "out/passwd", "out", "file-out", "sub/up/etc", "sub/up", "magic"})
        EXPECT_TRUE(error_of(name) == std::errc::permission_denied ||
                    (GetParam() && error_of(name) == std::errc::no_such_file_or_directory))
            << name;
    EXPECT_EQ(error_of("/etc/passwd"), std::errc::invalid_argument);
    EXPECT_EQ(error_of(std::string("a\0b", 3)), std::errc::invalid_argument);
    EXPECT_EQ(error_of(std::string(FileRoot::name_size_max + 1, 'a')), std::errc::filename_too_long);
    EXPECT_EQ(error_of("missing"), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error_of("missing/more"), std::errc::no_such_file_or_directory);
}

TEST_P(Root, OnlyFilesAndFoldersAre) {
    folder.write("a", "text");
    ::mkfifo((folder.path() / "pipe").c_str(), 0600);
    EXPECT_EQ(error_of("pipe"), std::errc::permission_denied);
    EXPECT_EQ(error_of("a/more"), std::errc::no_such_file_or_directory);
}

// What a link leads to inside is served where the kernel follows it, and nowhere else.
TEST_P(Root, LinksAreFollowedOnlyByTheKernel) {
    folder.write("sub/a", "text");
    std::filesystem::create_symlink("sub/a", folder.path() / "inside");
    std::filesystem::create_directory_symlink("sub", folder.path() / "folder");
    EXPECT_EQ(root.walks_by_steps(), GetParam());
    if (GetParam()) {
        EXPECT_EQ(error_of("inside"), std::errc::permission_denied);
        EXPECT_TRUE(error_of("folder/a"));
    } else {
        EXPECT_FALSE(error_of("inside"));
        EXPECT_FALSE(error_of("folder/a"));
    }
}

INSTANTIATE_TEST_SUITE_P(Ways, Root, testing::Bool(),
                         [](const auto& way) { return way.param ? "by_steps" : "by_openat2"; });

}  // namespace
}  // namespace strata::application
