// Folders made, files and folders renamed, removed and dated: with the right, and beneath the root.
#include <fcntl.h>
#include <sys/stat.h>

#include <limits>

#include "strata/7_application/files/folder_reader.hpp"
#include "strata/7_application/files/open_files.hpp"
#include "tests/7_application/files/writing/writable.hpp"

namespace strata::application::test {
namespace {

using std::filesystem::exists;

struct Changes : WritableRoot {};

TEST_P(Changes, AFolderIsMade) {
    EXPECT_EQ(error_of(reading.make_folder("a")), std::errc::operation_not_permitted);
    EXPECT_TRUE(adding.make_folder("a"));
    EXPECT_TRUE(adding.make_folder("a/文件"));
    EXPECT_TRUE(root.look("a/文件")->folder);
    EXPECT_EQ(error_of(adding.make_folder("a")), std::errc::file_exists);
    EXPECT_EQ(error_of(adding.make_folder("b/c")), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error_of(adding.make_folder("../c")), std::errc::permission_denied);
    EXPECT_EQ(error_of(adding.make_folder("")), std::errc::invalid_argument);
    EXPECT_EQ(error_of(adding.make_folder(".c")), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error_of(adding.make_folder(std::string(256, 'n'))), std::errc::filename_too_long);
    const FileRoot full = with(FileRights::all, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(error_of(full.make_folder("c")), std::errc::no_space_on_device);
}

TEST_P(Changes, SomethingIsRemoved) {
    folder.write("a", "text");
    folder.write("sub/b", "text");
    std::filesystem::create_symlink("sub/b", folder.path() / "link");
    ::mkfifo((folder.path() / "pipe").c_str(), 0600);
    EXPECT_EQ(error_of(adding.remove("a")), std::errc::operation_not_permitted);
    EXPECT_EQ(error_of(root.remove("sub")), std::errc::directory_not_empty);
    EXPECT_EQ(error_of(root.remove("pipe")), std::errc::permission_denied);
    EXPECT_EQ(error_of(root.remove("missing")), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error_of(root.remove("")), std::errc::invalid_argument);
    EXPECT_EQ(error_of(root.remove("sub/..")), std::errc::permission_denied);
    EXPECT_TRUE(root.remove("link"));
    EXPECT_EQ(folder.read("sub/b"), "text") << "the link itself";
    EXPECT_TRUE(root.remove("a") && root.remove("sub/b") && root.remove("sub"));
    EXPECT_EQ(entries(), 1u);
}

TEST_P(Changes, SomethingIsRenamed) {
    folder.write("a", "a");
    folder.write("b", "b");
    folder.write("sub/c", "c");
    EXPECT_EQ(error_of(adding.rename("a", "d")), std::errc::operation_not_permitted);
    EXPECT_EQ(error_of(root.rename("a", "b")), std::errc::file_exists);
    EXPECT_EQ(error_of(root.rename("missing", "d")), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error_of(root.rename("a", "missing/d")), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error_of(root.rename("a", "../d")), std::errc::permission_denied);
    EXPECT_EQ(error_of(root.rename("a", ".d")), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error_of(root.rename("sub", "sub/sub")), std::errc::invalid_argument);
    EXPECT_EQ(error_of(root.rename("a", "sub", true)), std::errc::is_a_directory);
    EXPECT_EQ(folder.read("a") + folder.read("b"), "ab");
    EXPECT_TRUE(root.rename("a", "b", true));
    EXPECT_EQ(folder.read("b"), "a");
    EXPECT_TRUE(root.rename("b", "sub/d"));
    EXPECT_TRUE(root.rename("sub", "moved"));
    EXPECT_EQ(folder.read("moved/d"), "a");
}

TEST_P(Changes, SomethingIsDated) {
    folder.write("a", "text");
    const std::chrono::sys_seconds date{std::chrono::seconds(-86400)};
    EXPECT_EQ(error_of(adding.set_modified("a", date)), std::errc::operation_not_permitted);
    EXPECT_TRUE(root.set_modified("a", date));
    EXPECT_EQ(root.look("a")->modified, date);
    EXPECT_EQ(error_of(root.set_modified("missing", date)), std::errc::no_such_file_or_directory);
}

// What comes is not shown, not even to whoever may see all names.
TEST_P(Changes, WhatHasNotComeWholeIsNotSeen) {
    const FileRoot all = root_of(folder, {.hidden = true, .by_steps = GetParam(), .rights = FileRights::all});
    const auto upload = Upload::begin(all, "a", {.named = true});
    const std::string name = std::filesystem::directory_iterator(folder.path())->path().filename();
    EXPECT_TRUE(name.starts_with(FileRoot::temporary_prefix));
    EXPECT_EQ(all.open_file(name).error(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error_of(all.remove(name)), std::errc::no_such_file_or_directory);
    const OpenFile opened = *all.open_file("");
    auto reader = *FolderReader::open(all, opened, "");
    while (reader.go_on(10)) {
    }
    EXPECT_EQ(std::move(reader).names()->size(), 0u);
}

// A second has not passed: but it was ourselves who changed it.
TEST_P(Changes, NoStaleFileIsServed) {
    folder.write("sub/a", "old");
    OpenFiles files(root);
    const Instant now{1h};
    const auto read = [&](const std::string& name) {
        const auto file = files.open(name, now);
        std::string text(10, '\0');
        text.resize(file ? (*file)->read(0, std::as_writable_bytes(std::span(text))).value_or(0) : 0);
        return text;
    };
    EXPECT_EQ(read("sub/a"), "old");
    EXPECT_FALSE(put(root, "sub/a", "new", {.replace = true}));
    EXPECT_EQ(read("sub/a"), "new");
    EXPECT_TRUE(root.rename("sub", "moved"));
    EXPECT_EQ(read("sub/a"), "");
    EXPECT_EQ(read("moved/a"), "new");
    EXPECT_TRUE(root.remove("moved/a"));
    EXPECT_EQ(read("moved/a"), "");
}

TEST_P(Changes, WhoMayReadIsSaidInNineBits) {
    folder.write("a", "text");
    folder.write("sub/b", "");
    std::filesystem::create_symlink("a", folder.path() / "link");
    const auto mode = [&](const char* name) { return std::filesystem::status(folder.path() / name).permissions(); };
    const auto before = mode("a");
    EXPECT_EQ(error_of(adding.set_mode("a", 0600)), std::errc::operation_not_permitted);
    EXPECT_EQ(error_of(root.set_mode("link", 0600)), std::errc::permission_denied);
    EXPECT_EQ(error_of(root.set_mode("none", 0600)), std::errc::no_such_file_or_directory);
    EXPECT_EQ(error_of(root.set_mode("../a", 0600)), std::errc::permission_denied);
    EXPECT_EQ(mode("a"), before);
    EXPECT_TRUE(root.set_mode("a", 06640));  // but for the set-user-ID bit and its like
    EXPECT_EQ(mode("a"), std::filesystem::perms{0640});
    EXPECT_TRUE(root.set_mode("sub", 0750));
    EXPECT_EQ(mode("sub"), std::filesystem::perms{0750});
}

INSTANTIATE_TEST_SUITE_P(Ways, Changes, testing::Bool(),
                         [](const auto& way) { return way.param ? "by_steps" : "by_openat2"; });

}  // namespace
}  // namespace strata::application::test
