// A file is there whole or not at all, and nowhere but beneath the root.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <limits>
#include <thread>

#include "tests/7_application/files/writing/writable.hpp"

namespace strata::application::test {
namespace {

struct Uploads : WritableRoot {};

mode_t mode_of(const std::filesystem::path& path) {
    struct stat found{};
    EXPECT_EQ(::stat(path.c_str(), &found), 0);
    return found.st_mode & 07777;
}

TEST_P(Uploads, IsThereOnceItIsWhole) {
    for (const bool named : {false, true}) {
        auto upload = Upload::begin(root, "a", {.named = named});
        ASSERT_TRUE(upload);
        EXPECT_TRUE(upload->write(bytes_of("hello, ")));
        EXPECT_TRUE(upload->write(bytes_of("world\n")));
        EXPECT_EQ(upload->size(), 13u);
        EXPECT_FALSE(std::filesystem::exists(folder.path() / "a"));
        EXPECT_EQ(entries(), named ? 1u : 0u);
        EXPECT_TRUE(upload->commit());
        EXPECT_FALSE(upload->has_replaced());
        EXPECT_EQ(folder.read("a"), "hello, world\n");
        EXPECT_EQ(upload->facts()->size, 13u);
        EXPECT_EQ(entries(), 1u);
        std::filesystem::remove(folder.path() / "a");
    }
}

TEST_P(Uploads, OneThatIsNotCommittedIsGone) {
    for (const bool named : {false, true}) {
        auto upload = Upload::begin(root, "a", {.size_expected = 8 << 20, .named = named});
        ASSERT_TRUE(upload && upload->write(bytes_of("half")));
        Upload moved = std::move(*upload);
        EXPECT_TRUE(moved.write(bytes_of("more")));
    }
    EXPECT_EQ(entries(), 0u);
}

TEST_P(Uploads, ABeginningCanStay) {
    for (const std::uint64_t kept : {std::uint64_t{4}, Upload::keep_whole}) {
        folder.write("a", "01234567");
        auto upload = Upload::begin(root, "a", {.replace = true, .keep_first = kept});
        ASSERT_TRUE(upload);
        EXPECT_FALSE(Upload::begin(root, "a", {.replace = true, .keep_first = kept})->commit());  // nothing was copied
        EXPECT_TRUE(upload->go_on_copying(3).value());
        EXPECT_FALSE(upload->go_on_copying(100).value());
        EXPECT_FALSE(upload->go_on_copying(100).value());
        EXPECT_TRUE(upload->write(bytes_of("abc")) && upload->commit());
        EXPECT_EQ(folder.read("a"), kept == 4 ? "0123abc" : "01234567abc");
    }
}

TEST_P(Uploads, OnlyWhatIsThereCanStay) {
    folder.write("a", "0123");
    const auto begun = [&](const char* name, std::uint64_t kept) {
        const auto upload = Upload::begin(root, name, {.replace = true, .keep_first = kept});
        return upload ? std::error_code{} : upload.error();
    };
    EXPECT_FALSE(begun("a", 4));
    EXPECT_EQ(begun("a", 5), std::errc::invalid_argument);
    EXPECT_EQ(begun("new", 1), std::errc::invalid_argument);
    EXPECT_FALSE(begun("new", Upload::keep_whole));
}

// What one has appended would be lost with the other, though both were told that it is there.
TEST_P(Uploads, OfTwoWhoAppendAtOnceOneIsTold) {
    folder.write("a", "0");
    const auto begin = [&] {
        auto upload = Upload::begin(root, "a", {.replace = true, .keep_first = Upload::keep_whole});
        EXPECT_TRUE(upload && !upload->go_on_copying(1).value());
        return upload;
    };
    auto one = begin();
    auto other = begin();
    EXPECT_TRUE(one->write(bytes_of("1")) && one->settle() && one->commit());
    ASSERT_TRUE(other->write(bytes_of("2")) && other->settle());
    EXPECT_EQ(other->commit().error(), std::errc::device_or_resource_busy);
    EXPECT_EQ(folder.read("a"), "01");
}

// What was set aside for it is not kept: it turned out shorter than was said.
TEST_P(Uploads, TheExpectedSizeIsOnlyExpected) {
    EXPECT_FALSE(put(root, "short", "text", {.size_expected = 4 << 20}));
    EXPECT_FALSE(put(root, "long", "text", {.size_expected = 1}));
    EXPECT_EQ(folder.read("short") + folder.read("long"), "texttext");
    struct stat found{};
    ASSERT_EQ(::stat((folder.path() / "short").c_str(), &found), 0);
    EXPECT_LT(found.st_blocks, 1 << 10);
}

TEST_P(Uploads, WithoutTheRightThereIsNone) {
    folder.write("old", "old");
    EXPECT_EQ(put(reading, "a", "x"), std::errc::operation_not_permitted);
    EXPECT_FALSE(put(adding, "a", "x"));
    EXPECT_EQ(put(adding, "old", "x"), std::errc::file_exists);
    EXPECT_EQ(put(adding, "old", "x", {.replace = true}), std::errc::operation_not_permitted);
    EXPECT_EQ(put(root, "old", "x"), std::errc::file_exists);
    EXPECT_EQ(folder.read("old"), "old");
    EXPECT_FALSE(put(root, "old", "new", {.replace = true}));
    EXPECT_EQ(folder.read("old"), "new");
}

TEST_P(Uploads, WhatIsReplacedKeepsItsMode) {
    for (const bool named : {false, true}) {
        folder.write("a", "old");
        std::filesystem::permissions(folder.path() / "a", std::filesystem::perms(04640));
        auto upload = Upload::begin(root, "a", {.replace = true, .named = named});
        ASSERT_TRUE(upload && upload->write(bytes_of("new")) && upload->commit());
        EXPECT_TRUE(upload->has_replaced());
        EXPECT_EQ(mode_of(folder.path() / "a"), 0640u);
        EXPECT_EQ(entries(), 1u);
    }
    const mode_t before = ::umask(027);
    EXPECT_FALSE(put(root, "b", "x"));
    ::umask(before);
    EXPECT_EQ(mode_of(folder.path() / "b"), 0640u);
}

// Nothing that came meanwhile is overwritten, unless that is allowed and asked for.
TEST_P(Uploads, OfTwoTheFirstToBeWholeIsThere) {
    for (const bool named : {false, true}) {
        auto one = Upload::begin(adding, "a", {.named = named});
        auto two = Upload::begin(adding, "a", {.named = named});
        auto three = Upload::begin(root, "a", {.replace = true, .named = named});
        ASSERT_TRUE(one->write(bytes_of("one")) && two->write(bytes_of("two")) && three->write(bytes_of("three")));
        EXPECT_TRUE(two->commit());
        EXPECT_EQ(error_of(one->commit()), std::errc::file_exists);
        EXPECT_EQ(folder.read("a"), "two");
        EXPECT_TRUE(three->commit());
        EXPECT_TRUE(three->has_replaced());
        EXPECT_EQ(folder.read("a"), "three");
        EXPECT_EQ(entries(), 1u);
        std::filesystem::remove(folder.path() / "a");
    }
    // The wish to replace is not the right to: what comes meanwhile stays.
    auto wish = Upload::begin(adding, "a", {.replace = true});
    folder.write("a", "meanwhile");
    EXPECT_EQ(error_of(wish->commit()), std::errc::file_exists);
    EXPECT_EQ(folder.read("a"), "meanwhile");
}

TEST_P(Uploads, WhatIsNoFileIsNotReplaced) {
    folder.write("sub/b", "text");
    std::filesystem::create_symlink("sub/b", folder.path() / "link");
    std::filesystem::create_symlink("/tmp/strata-test-nowhere", folder.path() / "out");
    ::mkfifo((folder.path() / "pipe").c_str(), 0600);
    EXPECT_EQ(put(root, "sub", "x", {.replace = true}), std::errc::is_a_directory);
    for (const char* name : {"link", "out", "pipe"})
        EXPECT_EQ(put(root, name, "x", {.replace = true}), std::errc::permission_denied) << name;
    EXPECT_EQ(folder.read("sub/b"), "text");
    EXPECT_FALSE(std::filesystem::exists("/tmp/strata-test-nowhere"));
    // Nor what has become none meanwhile.
    auto upload = Upload::begin(root, "sub/b", {.replace = true});
    std::filesystem::remove(folder.path() / "sub/b");
    std::filesystem::create_directory(folder.path() / "sub/b");
    EXPECT_EQ(error_of(upload->commit()), std::errc::is_a_directory);
}

TEST_P(Uploads, NamesThatCannotBe) {
    folder.write("a", "text");
    std::filesystem::create_directory(folder.path() / "sub");
    std::filesystem::create_symlink("/tmp", folder.path() / "out");
    for (const char* name : {"", ".", "sub/", "sub/.", "/etc/strata"})
        EXPECT_EQ(put(root, name, "x"), std::errc::invalid_argument) << name;
    EXPECT_EQ(put(root, std::string("a\0b", 3), "x"), std::errc::invalid_argument);
    EXPECT_EQ(put(root, "../x", "x"), std::errc::permission_denied);
    EXPECT_EQ(put(root, "sub/../../x", "x"), std::errc::permission_denied);
    EXPECT_TRUE(put(root, "out/x", "x")) << "a link that leads out";
    EXPECT_EQ(put(root, "missing/x", "x"), std::errc::no_such_file_or_directory);
    EXPECT_EQ(put(root, "a/x", "x"), std::errc::no_such_file_or_directory);
    EXPECT_EQ(put(root, ".hidden", "x"), std::errc::no_such_file_or_directory);
    EXPECT_EQ(put(root, std::string(256, 'n'), "x"), std::errc::filename_too_long);
    const FileRoot hidden = root_of(folder, {.hidden = true, .by_steps = GetParam(), .rights = FileRights::add});
    EXPECT_FALSE(put(hidden, ".hidden", "x"));
    EXPECT_EQ(put(hidden, std::string(FileRoot::temporary_prefix) + "x", "x"), std::errc::no_such_file_or_directory);
}

TEST_P(Uploads, NamesThatCan) {
    std::filesystem::create_directory(folder.path() / "文件");
    for (const std::string& name : {std::string(255, 'n'), std::string("a\nb"), std::string("100%"), std::string("#1"),
                                    std::string("说明 书.txt"), std::string("文件/\\x"), std::string("\xff\xfe")}) {
        for (const bool named : {false, true}) {
            EXPECT_FALSE(put(root, name, "x", {.replace = true, .named = named})) << name;
            EXPECT_EQ(folder.read(name), "x");
        }
    }
}

TEST_P(Uploads, WhatIsToBeFreeIsLeft) {
    const FileRoot full = with(FileRights::all, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(put(full, "a", "x"), std::errc::no_space_on_device);
    EXPECT_EQ(put(root, "a", "x", {.size_expected = 1ull << 62}), std::errc::no_space_on_device);
    EXPECT_EQ(put(root, "a", "x", {.size_expected = ~0ull}), std::errc::no_space_on_device);
    EXPECT_EQ(entries(), 0u);
}

TEST_P(Uploads, AFileThatMayNotGrowIsGone) {
    const auto before = std::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlimit little{64 << 10, limit.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &little);
    const std::error_code fits = put(root, "a", std::string(64 << 10, 'x'));
    const std::error_code grows = put(root, "b", std::string(65 << 10, 'x'));
    ::setrlimit(RLIMIT_FSIZE, &limit);
    std::signal(SIGXFSZ, before);
    EXPECT_FALSE(fits);
    EXPECT_EQ(grows, std::errc::file_too_large);
    EXPECT_EQ(entries(), 1u);
}

TEST_P(Uploads, AFolderThatGoesAwayMeanwhile) {
    for (const bool named : {false, true}) {
        std::filesystem::create_directory(folder.path() / "sub");
        auto upload = Upload::begin(root, "sub/a", {.named = named});
        ASSERT_TRUE(upload && upload->write(bytes_of("x")));
        std::filesystem::remove_all(folder.path() / "sub");
        EXPECT_EQ(error_of(upload->commit()), std::errc::no_such_file_or_directory);
    }
    EXPECT_EQ(entries(), 0u);
}

// The file arrives in the folder that it was begun in, wherever that is by now.
TEST_P(Uploads, AFolderThatMovesTakesItAlong) {
    std::filesystem::create_directory(folder.path() / "sub");
    auto upload = Upload::begin(root, "sub/a");
    std::filesystem::rename(folder.path() / "sub", folder.path() / "moved");
    std::filesystem::create_symlink("/tmp", folder.path() / "sub");
    EXPECT_TRUE(upload->commit());
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "moved/a"));
}

// A folder and a link out of it change places all the time: what is written is written inside.
TEST_P(Uploads, LinksSwappedInARaceLeadNowhere) {
    const strata::test::TemporaryFolder outside;
    const auto at = [&](const char* name) { return (folder.path() / name).string(); };
    std::filesystem::create_directory(folder.path() / "sub");
    std::filesystem::create_directory_symlink(outside.path(), folder.path() / "link");
    std::atomic<bool> over = false;
    std::thread swapping([&] {
        while (!over) {
            ::renameat2(AT_FDCWD, at("sub").c_str(), AT_FDCWD, at("link").c_str(), 2);  // RENAME_EXCHANGE
        }
    });
    std::size_t written = 0;
    // On a busy machine they may all fall between two swaps.
    for (int i = 0; i < 2000 || written == 0; ++i) {
        const std::string name = "sub/" + std::to_string(i);
        if (!put(root, name, "x", {.sync = false, .named = i % 2 == 0})) ++written;
        (void)root.make_folder(name + "d");
        (void)root.rename(name, name + "r");
    }
    over = true;
    swapping.join();
    EXPECT_TRUE(std::filesystem::is_empty(outside.path()));
    EXPECT_GT(written, 0u);
}

TEST_P(Uploads, AProcessThatIsKilledLeavesNothingToBeSeen) {
    for (const bool named : {false, true}) {
        std::filesystem::create_directory(folder.path() / "sub");
        const pid_t child = ::fork();
        if (child == 0) {
            auto upload = Upload::begin(root, "sub/a", {.named = named});
            (void)upload->write(bytes_of("half"));
            ::kill(::getpid(), SIGKILL);
        }
        ::waitpid(child, nullptr, 0);
        EXPECT_EQ(entries("sub"), named ? 1u : 0u);
        EXPECT_FALSE(root.look("sub/a"));
        // What is written by somebody is not swept, what nobody writes is.
        {
            auto writing = Upload::begin(root, "sub/b", {.named = true});
            EXPECT_EQ(error_of(root.remove("sub")), std::errc::directory_not_empty);
            EXPECT_EQ(entries("sub"), 1u);
        }
        EXPECT_TRUE(root.remove("sub"));
    }
}

TEST_P(Uploads, ADateOfItsOwn) {
    auto upload = Upload::begin(root, "a");
    const std::chrono::sys_seconds date{std::chrono::seconds(981173106)};
    upload->date(date + std::chrono::nanoseconds(5));
    ASSERT_TRUE(upload->write(bytes_of("x")) && upload->commit());
    EXPECT_EQ(root.look("a")->modified, date + std::chrono::nanoseconds(5));
}

TEST_P(Uploads, WhatHasComeCanBeReadBack) {
    auto upload = Upload::begin(root, "a");
    ASSERT_TRUE(upload->write(bytes_of("hello")));
    std::string text(10, '\0');
    EXPECT_EQ(upload->read(1, std::as_writable_bytes(std::span(text))), 4u);
    EXPECT_EQ(text.substr(0, 4), "ello");
}

// Where nobody but root may write. (Root may write everywhere.)
TEST_P(Uploads, AFolderThatMayNotBeWritten) {
    if (::geteuid() == 0) GTEST_SKIP() << "root may write everywhere";
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0555));
    EXPECT_EQ(put(root, "a", "x"), std::errc::permission_denied);
    std::filesystem::permissions(folder.path(), std::filesystem::perms(0755));
}

INSTANTIATE_TEST_SUITE_P(Ways, Uploads, testing::Bool(),
                         [](const auto& way) { return way.param ? "by_steps" : "by_openat2"; });

}  // namespace
}  // namespace strata::application::test
