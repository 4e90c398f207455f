// This machine's files as a Remote.
#include "strata/7_application/remote/file/file_remote.hpp"

#include <gtest/gtest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include "tests/support/served_folder.hpp"

namespace strata::application {
namespace {

using Kind = RemoteEntry::Kind;
using session::asio::awaitable;
namespace fs = std::filesystem;

struct FileRemoteFolder : test::ServedFolder {
    FileRemoteFolder() {
        folder.write("a b", "0123456789");
        fs::create_directory(folder.path() / "sub");
    }
    std::string target(const std::string& name) const { return target_within(folder.path().string(), name); }
    FileRemote& remote() {
        if (!made) made.emplace(client.network(), Url{.scheme = "file"}, options);
        return *made;
    }
    std::string read(const std::string& name, OutputOptions how = {}) {
        OutputFile out(folder.path() / "got", how);
        const Progress on_progress = [&](std::uint64_t done, std::optional<std::uint64_t>) { shown.push_back(done); };
        const std::string failure = failure_of(remote().read(target(name), out, on_progress), 1h);
        if (failure.empty()) out.commit();
        return failure;
    }
    std::string write(const std::string& name, const std::string& from, WriteOptions how = {}) {
        InputFile in(folder.path() / from);
        return failure_of(remote().write(target(name), in, how, {}), 1h);
    }
    template <typename Result>
    std::string result_of(awaitable<Result> task, Result& result) {
        return failure_of([](awaitable<Result> from, Result& to) -> awaitable<void> { to = co_await std::move(from); }(
                                                                     std::move(task), result),
                          1s);
    }

    RemoteOptions options;
    std::optional<FileRemote> made;
    std::vector<std::uint64_t> shown;
};

TEST_F(FileRemoteFolder, ReadsAFileWithItsDate) {
    fs::last_write_time(folder.path() / "a b", fs::file_time_type::clock::now() - std::chrono::hours(1));
    EXPECT_EQ(read("a b"), "");
    EXPECT_EQ(folder.read("got"), "0123456789");
    EXPECT_EQ(shown, (std::vector<std::uint64_t>{0, 10}));
    EXPECT_LT(fs::last_write_time(folder.path() / "got"), fs::file_time_type::clock::now() - std::chrono::minutes(50));
    EXPECT_TRUE(read("none", {.force = true}).contains("No such file"));
    EXPECT_TRUE(read("sub", {.force = true}).contains("it is no file"));
}

TEST_F(FileRemoteFolder, GoesOnWithTheSameFile) {
    // Of an earlier attempt: five bytes and the version that they are of.
    options.client.rate_limit = 8 * 5;
    OutputFile out(folder.path() / "got", {});
    {
        boost::asio::cancellation_signal signal;
        boost::asio::co_spawn(lab.io(), remote().read(target("a b"), out, {}),
                              boost::asio::bind_cancellation_slot(signal.slot(), [](std::exception_ptr) {}));
        lab.run_for(10ms);
        signal.emit(boost::asio::cancellation_type::terminal);
        lab.run_for(1s);
    }
    EXPECT_EQ(out.size(), 5u);
    options.client.rate_limit = 0;
    const Progress on_progress = [&](std::uint64_t done, std::optional<std::uint64_t>) { shown.push_back(done); };
    EXPECT_EQ(failure_of(remote().read(target("a b"), out, on_progress), 1s), "");
    EXPECT_EQ(shown, (std::vector<std::uint64_t>{5, 10}));
    out.commit();
    EXPECT_EQ(folder.read("got"), "0123456789");
}

TEST_F(FileRemoteFolder, APartOfAnotherFileIsFetchedAnew) {
    folder.write("got.part", "other");
    folder.write("got.part.version", "\"1-2-3\"\n\n10\n");
    EXPECT_EQ(read("a b", {.resume = true}), "");
    EXPECT_EQ(folder.read("got"), "0123456789");
    EXPECT_EQ(shown.front(), 0u);
}

TEST_F(FileRemoteFolder, ANameIsGivenToWhatIsWhole) {
    EXPECT_EQ(write("new", "a b"), "");
    EXPECT_EQ(folder.read("new"), "0123456789");
    folder.write("short", "x");
    EXPECT_TRUE(write("new", "short").contains("new")) << "it is there";
    EXPECT_EQ(folder.read("new"), "0123456789");
    EXPECT_EQ(write("new", "short", {.replace = true}), "");
    EXPECT_EQ(folder.read("new"), "x");
    EXPECT_FALSE(fs::exists(folder.path() / "new.part"));
}

TEST_F(FileRemoteFolder, ListsAndLooks) {
    fs::create_symlink("nowhere", folder.path() / "link");
    std::vector<RemoteEntry> entries;
    EXPECT_EQ(result_of(remote().list(folder.path().string()), entries), "");
    ASSERT_EQ(entries.size(), 3u);
    std::ranges::sort(entries, {}, &RemoteEntry::name);
    EXPECT_EQ(entries[0].name, "a b");
    EXPECT_EQ(entries[0].size, 10u);
    EXPECT_EQ(entries[1].kind, Kind::other);
    EXPECT_EQ(entries[2].kind, Kind::folder);
    RemoteEntry entry;
    EXPECT_EQ(result_of(remote().stat(target("a b")), entry), "");
    EXPECT_EQ(entry.name, "a b");
    EXPECT_EQ(result_of(remote().stat(target("sub") + "/"), entry), "");
    EXPECT_EQ(entry.name, "sub");
    EXPECT_TRUE(result_of(remote().list(target("none")), entries).contains("No such file"));
    EXPECT_TRUE(result_of(remote().list("/%00"), entries).contains("it is no path"));
}

TEST_F(FileRemoteFolder, EntriesMax) {
    std::vector<RemoteEntry> entries;
    options.entries_max = 2;
    EXPECT_EQ(result_of(remote().list(folder.path().string()), entries), "");
    options.entries_max = 1;
    EXPECT_TRUE(result_of(remote().list(folder.path().string()), entries).contains("it has more than 1 entries"));
}

TEST_F(FileRemoteFolder, MakesRenamesRemovesAndDates) {
    bool is_new = false;
    EXPECT_EQ(result_of(remote().make_folder(target("new")), is_new), "");
    EXPECT_TRUE(is_new);
    EXPECT_EQ(result_of(remote().make_folder(target("new")), is_new), "");
    EXPECT_FALSE(is_new);
    EXPECT_TRUE(result_of(remote().make_folder(target("a b")), is_new).contains("File exists"));
    EXPECT_TRUE(failure_of(remote().rename(target("a b"), target("sub")), 1s).contains("File exists"));
    EXPECT_EQ(failure_of(remote().rename(target("a b"), target("c")), 1s), "");
    EXPECT_EQ(folder.read("c"), "0123456789");
    EXPECT_EQ(failure_of(remote().set_date(target("c"), std::chrono::sys_seconds{1000s}), 1s), "");
    RemoteEntry entry;
    EXPECT_EQ(result_of(remote().stat(target("c")), entry), "");
    EXPECT_EQ(entry.date, std::chrono::sys_seconds{1000s});
    EXPECT_EQ(failure_of(remote().remove(target("new")), 1s), "");
    EXPECT_EQ(failure_of(remote().remove(target("c")), 1s), "");
    EXPECT_TRUE(failure_of(remote().remove(target("c")), 1s).contains("No such file"));
}

}  // namespace
}  // namespace strata::application
