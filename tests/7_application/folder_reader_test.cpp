// What of a folder can be served: all of it, in order, however large the slices are.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "strata/7_application/folder_reader.hpp"
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

TEST_F(Folder, AnEmptyFolderHasNothing) { EXPECT_TRUE(names(10).empty()); }

}  // namespace
}  // namespace strata::application
