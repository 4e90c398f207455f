// A file that is fetched in pieces over several conversations at once; and one that is sent on from
// where it broke off. Against our own server, and against those that lie.
#include "strata/7_application/remote/parts/parts.hpp"

#include "tests/7_application/ftp/remote_bench.hpp"

namespace strata::application::ftp {
namespace {

struct FtpParts : RemoteBench {
    FtpParts() {
        may(FileRights::all);
        folder.write("large", large);
        const std::chrono::sys_seconds new_year = std::chrono::sys_days{std::chrono::January / 1 / 2026};
        std::filesystem::last_write_time(folder.path() / "large", std::chrono::file_clock::from_sys(new_year));
        serve();
    }
    std::string begin(const std::string& target, Duration at_most, OutputOptions output = {.resume = true}) {
        out.emplace(mine.path() / "got", output);
        return ended(fetch_parts(target), at_most);
    }
    std::string get(const std::string& target) {
        (void)begin(target, 5min);
        if (failure.empty()) out->commit();
        out.reset();
        return failure;
    }
    session::asio::awaitable<void> fetch_parts(std::string target) {
        Remote& first = remote_of("ftp");
        MakeRemote another = [this] {
            const Url url{.scheme = "ftp", .host = "10.0.0.2", .port = 21, .target = "/"};
            return std::make_unique<FtpRemote>(client.network(), url, options);
        };
        session::asio::awaitable<void> task =
            read_in_parts(first, std::move(another), target, *out, note_progress(), parts);
        co_await std::move(task);
    }
    void slow() {
        cable.a_to_b().set_options({.bits_per_second = 10'000'000});
        cable.b_to_a().set_options({.bits_per_second = 10'000'000});
    }
    std::size_t fetches() const {
        return static_cast<std::size_t>(std::ranges::count_if(
            reports, [](const CommandReport& report) { return report.request.starts_with("RETR"); }));
    }

    const std::string large = test::text_of(4'500'001);
    PartsOptions parts{.at_once = 4};
};

TEST_F(FtpParts, ComeAtOnceAndAreWhole) {
    EXPECT_EQ(get("/large"), "");
    EXPECT_TRUE(mine.read("got") == large);
    EXPECT_EQ(fetches(), 4u);
    EXPECT_EQ(done, large.size());
    EXPECT_EQ(total, large.size());
    EXPECT_EQ(std::filesystem::last_write_time(mine.path() / "got"),
              std::filesystem::last_write_time(folder.path() / "large"));
    EXPECT_EQ(serving->active(), 1u) << "that of the first goes on";
}

TEST_F(FtpParts, ASmallFileAndATextAreFetchedAsAWhole) {
    EXPECT_EQ(get("/hello"), "");
    EXPECT_EQ(mine.read("got"), "hello");
    std::filesystem::remove(mine.path() / "got");
    EXPECT_EQ(get("/large;type=a"), "");
    std::filesystem::remove(mine.path() / "got");
    parts.least = 4 << 20;
    EXPECT_EQ(get("/large"), "");
    EXPECT_TRUE(mine.read("got") == large);
    EXPECT_EQ(fetches(), 3u);
}

TEST_F(FtpParts, WhatBrokeOffIsFetchedAndNothingElse) {
    slow();
    EXPECT_EQ(begin("/large", 2s, {}), "it does not end");
    serving->abort();
    lab.run_for(1min);
    EXPECT_TRUE(passing) << failure;
    EXPECT_TRUE(nothing_is_whole());
    out.reset();
    serving.reset();
    lab.run_for(1s);
    reports.clear();
    serve();
    EXPECT_EQ(get("/large"), "");
    EXPECT_TRUE(mine.read("got") == large);
    std::uint64_t came = 0;
    for (const CommandReport& report : reports) came += report.bytes;
    EXPECT_LT(came, large.size()) << "what was there was not fetched again";
}

TEST_F(FtpParts, AFileThatChangesMeanwhileIsNotMixed) {
    slow();
    out.emplace(mine.path() / "got", OutputOptions{});
    std::string text = large;
    text[0] = static_cast<char>(text[0] + 1);
    EXPECT_EQ(begin("/large", 1s, {}), "it does not end");
    serving->abort();
    lab.run_for(1min);
    out.reset();
    serving.reset();
    lab.run_for(1s);
    folder.write("large", text);
    serve();
    EXPECT_EQ(get("/large"), "");
    EXPECT_TRUE(mine.read("got") == text);
}

// Between the answers that a piece is compared with and its bytes.
TEST_F(FtpParts, AFileThatIsReplacedBehindItsAnswersIsNotWhole) {
    slow();
    EXPECT_EQ(begin("/large", 1s, {}), "it does not end");
    std::string other = large;
    other.back() = static_cast<char>(other.back() + 1);
    mine.write("other", other);
    std::filesystem::rename(mine.path() / "other", folder.path() / "large");
    lab.run_for(1min);
    EXPECT_TRUE(failure.contains("changed while it was fetched")) << failure;
    EXPECT_TRUE(passing);
    EXPECT_EQ(out->size(), 0u) << "nothing of it is used";
    out.reset();
    EXPECT_EQ(get("/large"), "");
    EXPECT_TRUE(mine.read("got") == other);
}

// A disk that lost the end of what it had, and records that do not know it.
TEST_F(FtpParts, APartThatIsShorterThanItsRecordsIsNotWhole) {
    slow();
    EXPECT_EQ(begin("/large", 2s, {}), "it does not end");
    serving->abort();
    lab.run_for(1min);
    out.reset();
    serving.reset();
    lab.run_for(1s);
    mine.write("got.part.sections", "1000 2000\n");
    std::filesystem::resize_file(mine.path() / "got.part", 4'000'000);
    serve();
    EXPECT_TRUE(get("/large").contains("not as long as was recorded")) << failure;
    EXPECT_TRUE(passing);
    EXPECT_TRUE(nothing_is_whole());
    EXPECT_EQ(get("/large"), "");
    EXPECT_TRUE(mine.read("got") == large);
}

struct FtpSendingOn : FtpParts {
    std::string put_on(const std::string& text) { return put("/sent", text, {.resume = true}); }
};

TEST_F(FtpSendingOn, BehindWhatIsThere) {
    folder.write("sent", large.substr(0, 3'000'000));
    EXPECT_EQ(put_on(large), "");
    EXPECT_TRUE(folder.read("sent") == large);
    EXPECT_EQ(reports.back().bytes, large.size() - 3'000'000);
    EXPECT_EQ(put_on(large), "") << "it is there";
    EXPECT_TRUE(reports.back().request.starts_with("RETR")) << "only its end was looked at";
    EXPECT_EQ(done, large.size());
}

TEST_F(FtpSendingOn, WhereThereIsNothingItIsSent) {
    EXPECT_EQ(put_on("all of it"), "");
    EXPECT_EQ(folder.read("sent"), "all of it");
    folder.write("sent", "");
    EXPECT_EQ(put_on("all of it"), "");
    EXPECT_EQ(folder.read("sent"), "all of it");
}

TEST_F(FtpSendingOn, AnotherFileIsNotGoneOnWith) {
    for (const std::string& other : {std::string("ALL"), std::string("all of it and more")}) {
        folder.write("sent", other);
        EXPECT_TRUE(put_on("all of it").contains("no beginning of it")) << failure;
        EXPECT_FALSE(passing);
        EXPECT_EQ(folder.read("sent"), other);
    }
}

}  // namespace
}  // namespace strata::application::ftp
