// Files kept open for whoever asks again: never another version than the folder has, but for a
// second where a name leads elsewhere.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "strata/7_application/files/open_files.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

struct KeptOpen : testing::Test {
    strata::test::TemporaryFolder folder;
    FileRoot root = *FileRoot::open(folder.path());
    OpenFiles files{root, {.files_max = 3}};
    Instant now{1h};

    std::shared_ptr<const OpenFile> open(const std::string& name) {
        auto opened = files.open(name, now);
        return opened ? *opened : nullptr;
    }
    std::string read(const std::shared_ptr<const OpenFile>& file) {
        std::string text(100, '\0');
        text.resize(file ? file->read(0, std::as_writable_bytes(std::span(text))).value_or(0) : 0);
        return text;
    }
};

TEST_F(KeptOpen, WhoAsksAgainGetsTheSame) {
    folder.write("a", "text");
    const auto first = open("a");
    EXPECT_EQ(open("a"), first);
    EXPECT_EQ(files.size(), 1u);
    now += 1s;
    EXPECT_NE(open("a"), first) << "the name is looked up again";
    EXPECT_EQ(files.size(), 1u);
}

TEST_F(KeptOpen, AnotherVersionIsNoticedAtOnce) {
    folder.write("a", "old");
    const auto old = open("a");
    folder.write("a", "new!");  // the same inode
    EXPECT_EQ(read(open("a")), "new!");
    EXPECT_EQ(open("a")->facts().size, 4u);
    folder.write("b", "renamed");
    const auto before = open("a");
    std::filesystem::rename(folder.path() / "b", folder.path() / "a");
    EXPECT_EQ(read(open("a")), "renamed");
    EXPECT_EQ(read(before), "new!") << "who holds the old one still reads it";
    std::filesystem::rename(folder.path() / "a", folder.path() / "c");
    EXPECT_EQ(open("a"), nullptr);
    EXPECT_EQ(read(open("c")), "renamed");
    std::filesystem::remove(folder.path() / "c");
    EXPECT_EQ(open("c"), nullptr);
}

TEST_F(KeptOpen, ALinkThatLeadsElsewhereIsNoticedAfterASecond) {
    folder.write("a", "one");
    folder.write("b", "two");
    std::filesystem::create_symlink("a", folder.path() / "link");
    EXPECT_EQ(read(open("link")), "one");
    std::filesystem::remove(folder.path() / "link");
    std::filesystem::create_symlink("b", folder.path() / "link");
    now += 999ms;
    EXPECT_EQ(read(open("link")), "one");
    now += 1ms;
    EXPECT_EQ(read(open("link")), "two");
}

TEST_F(KeptOpen, TheOneAskedForLongestAgoGoesFirst) {
    for (const char* name : {"a", "b", "c", "d"}) folder.write(name, name);
    const auto a = open("a");
    const auto b = open("b");
    const auto c = open("c");
    EXPECT_EQ(open("a"), a);
    (void)open("d");
    EXPECT_EQ(files.size(), 3u);
    EXPECT_EQ(open("a"), a);
    EXPECT_EQ(open("c"), c);
    EXPECT_NE(open("b"), b);
    EXPECT_EQ(read(b), "b") << "who holds it still reads it";
    EXPECT_EQ(files.size(), 3u);
}

TEST_F(KeptOpen, NothingIsKeptWhereNothingMayBe) {
    folder.write("a", "text");
    OpenFiles none(root, {.files_max = 0});
    EXPECT_TRUE(none.open("a", now));
    EXPECT_EQ(none.size(), 0u);
}

TEST_F(KeptOpen, FoldersAndErrorsAreNotKept) {
    std::filesystem::create_directory(folder.path() / "sub");
    EXPECT_TRUE(open("sub")->facts().folder);
    EXPECT_EQ(files.open("missing", now).error(), std::errc::no_such_file_or_directory);
    EXPECT_EQ(files.size(), 0u);
    folder.write("missing", "there now");
    EXPECT_EQ(read(open("missing")), "there now");
}

// What is kept gives way to what is asked for.
TEST_F(KeptOpen, WhereThereAreNoMoreDescriptorsThoseThatWaitAreClosed) {
    for (const char* name : {"a", "b", "c", "d"}) folder.write(name, name);
    for (const char* name : {"a", "b", "c"}) (void)open(name);
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    // As many as are open now.
    const int next = ::dup(0);
    ::close(next);
    const rlimit none{static_cast<rlim_t>(next), limit.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto opened = files.open("d", now);
    ::setrlimit(RLIMIT_NOFILE, &limit);
    ASSERT_TRUE(opened);
    EXPECT_EQ(read(*opened), "d");
    EXPECT_EQ(files.size(), 1u);
}

}  // namespace
}  // namespace strata::application
