// What of a folder can be served: all of it, in order, however large the slices are.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "strata/7_application/files/folder_reader.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

struct Folder : testing::Test {
    strata::test::TemporaryFolder folder;

    std::vector<std::string> names(std::size_t slice, FileRootOptions options = {}) {
        const FileRoot root = *FileRoot::open(folder.path(), options);
        auto reader = FolderReader::open(root, *root.open_file(""), "");
        while (reader->go_on(slice)) {
        }
        const auto all = std::move(*reader).names();
        std::vector<std::string> found;
        for (std::size_t i = 0; i < all->size(); ++i) {
            if (const auto entry = all->look_at(i)) found.push_back(entry->name + (entry->facts.folder ? "/" : ""));
        }
        return found;
    }
};

TEST_F(Folder, FoldersFirstThenByName) {
    folder.write("b", "");
    folder.write("a", "");
    folder.write("z/x", "");
    folder.write("y/x", "");
    std::filesystem::create_directory_symlink("z", folder.path() / "link");
    const std::vector<std::string> expected{"link/", "y/", "z/", "a", "b"};
    for (const std::size_t slice : {1u, 2u, 3u, 100u}) EXPECT_EQ(names(slice), expected) << slice;
}

TEST_F(Folder, AllOfManyInOrder) {
    std::vector<std::string> expected;
    for (int i = 10'000; i < 13'000; ++i) {
        expected.push_back("file" + std::to_string(i));
        folder.write(expected.back(), "");
    }
    EXPECT_EQ(names(256), expected);
    EXPECT_EQ(names(7), expected);
}

TEST_F(Folder, WhatCannotBeServedIsLeftOut) {
    folder.write("good", "text");
    ::mkfifo((folder.path() / "pipe").c_str(), 0600);
    std::filesystem::create_symlink("/etc/passwd", folder.path() / "out");
    std::filesystem::create_symlink("nowhere", folder.path() / "dangling");
    std::filesystem::create_symlink("good", folder.path() / "inside");
    EXPECT_EQ(names(2), (std::vector<std::string>{"good", "inside"}));
}

TEST_F(Folder, DotfilesAreHiddenUnlessAskedFor) {
    folder.write(".secret", "text");
    folder.write(".git/config", "text");
    folder.write("good", "text");
    EXPECT_EQ(names(10), (std::vector<std::string>{"good"}));
    EXPECT_EQ(names(10, {.hidden = true}), (std::vector<std::string>{".git/", ".secret", "good"}));
}

TEST_F(Folder, DotfilesAreNotOpenedEither) {
    folder.write(".secret", "text");
    folder.write(".git/config", "text");
    const FileRoot root = *FileRoot::open(folder.path());
    for (const char* name : {".secret", ".git", ".git/config", "./.secret", "..."})
        EXPECT_EQ(root.open_file(name).error(), std::errc::no_such_file_or_directory) << name;
    EXPECT_FALSE(root.look(".secret"));
    const FileRoot all = *FileRoot::open(folder.path(), {.hidden = true});
    EXPECT_TRUE(all.open_file(".git/config"));
    EXPECT_EQ(all.open_file("..").error(), std::errc::permission_denied);
}

// A disk that fails in the middle: what has been read must not look like all there is.
TEST_F(Folder, OneThatCannotBeReadToItsEndHasNoNames) {
    for (int i = 0; i < 10; ++i) folder.write("file" + std::to_string(i), "");
    const FileRoot root = *FileRoot::open(folder.path());
    const OpenFile opened = *root.open_file("");
    const int next = ::dup(0);
    ::close(next);
    auto reader = FolderReader::open(root, opened, "");
    // The descriptor that it reads from is the second that it opened;
    // from now on it is no folder's.
    const Descriptor null{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    ASSERT_EQ(::dup2(null.get(), next + 1), next + 1);
    while (reader->go_on(3)) {
    }
    EXPECT_EQ(std::move(*reader).names(), nullptr);
}

TEST_F(Folder, AnEmptyFolderHasNothing) { EXPECT_TRUE(names(10).empty()); }

}  // namespace
}  // namespace strata::application
