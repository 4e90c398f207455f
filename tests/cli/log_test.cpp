// The log: what a line says, and that whoever reads it can stop nobody.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "strata/cli/log_writer.hpp"
#include "strata/cli/request_log.hpp"
#include "tests/support/no_threads.hpp"

namespace strata::cli {
namespace {

LogEntry entry() {
    LogEntry entry;
    entry.time = std::chrono::sys_days{std::chrono::year{2026} / 11 / 29} + 13h + 5min + 1s + 250ms;
    entry.client = {Ipv4Address{10, 0, 0, 7}, 40312};
    entry.protocol = "http";
    entry.request = "GET /a b\"\n\u202e";
    entry.result = "200";
    entry.bytes = 2048;
    entry.took = 2s;
    return entry;
}

TEST(RequestLog, ALineForPeople) {
    LogEntry line = entry();
    EXPECT_EQ(
        line_of(line, LogFormat::text),
        "2026-11-29T13:05:01.250Z 10.0.0.7:40312 http \"GET /a b\\x22\\x0A\\xE2\\x80\\xAE\" 200 2048 bytes in 2.000 s, "
        "1.0 KiB/s\n");
    line.user = "ann\"";
    EXPECT_TRUE(line_of(line, LogFormat::text).ends_with(" 1.0 KiB/s, user \"ann\\x22\"\n"));
    line.ending = application::Ending::too_slow;
    EXPECT_TRUE(line_of(line, LogFormat::text).ends_with(" (cut off: the client was too slow)\n"));
}

TEST(RequestLog, ALineForPrograms) {
    LogEntry line = entry();
    EXPECT_EQ(line_of(line, LogFormat::json),
              R"({"time":"2026-11-29T13:05:01.250Z","client":"10.0.0.7:40312","protocol":"http",)"
              R"("request":"GET /a b\"\u000A\u202E","result":"200","bytes":2048,"seconds":2.000000,"ending":"whole"})"
              "\n");
    line.user = "ann";
    EXPECT_TRUE(line_of(line, LogFormat::json).contains(R"("protocol":"http","user":"ann","request":)"));
    line.request = "\xff\\";
    EXPECT_TRUE(line_of(line, LogFormat::json).contains(R"("request":"\uFFFD\\")"));
}

TEST(RequestLog, TheSecondIsThatOfTheLine) {
    LogEntry line = entry();
    EXPECT_TRUE(line_of(line, LogFormat::text).starts_with("2026-11-29T13:05:01.250Z "));
    line.time += 59min;
    EXPECT_TRUE(line_of(line, LogFormat::text).starts_with("2026-11-29T14:04:01.250Z "));
}

struct Pipe {
    Pipe() { EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0); }
    ~Pipe() {
        if (ends[0] >= 0) ::close(ends[0]);
        if (ends[1] >= 0) ::close(ends[1]);
    }
    // Whoever writes now is stuck until somebody reads.
    void fill() {
        const int flags = ::fcntl(ends[1], F_GETFL);
        ::fcntl(ends[1], F_SETFL, flags | O_NONBLOCK);
        const std::string_view byte = "z";
        while (::write(ends[1], byte.data(), byte.size()) == 1) continue;
        ::fcntl(ends[1], F_SETFL, flags);
    }
    void close_reader() { ::close(std::exchange(ends[0], -1)); }
    // Until the writer has closed its end.
    std::string read_all() {
        ::close(std::exchange(ends[1], -1));
        std::string text;
        char piece[4096];
        for (ssize_t count = 0; (count = ::read(ends[0], piece, sizeof piece)) > 0;)
            text.append(piece, static_cast<std::size_t>(count));
        return text;
    }
    int ends[2]{-1, -1};
};

TEST(LogWriter, AllLinesAreWrittenInOrder) {
    Pipe pipe;
    std::string expected;
    {
        LogWriter log(pipe.ends[1]);
        for (int i = 0; i < 1000; ++i) {
            const std::string line = "line " + std::to_string(i) + "\n";
            log.add(line);
            expected += line;
        }
        log.finish();
        log.add("and after that\n");
        EXPECT_EQ(log.dropped(), 0u);
    }
    EXPECT_EQ(pipe.read_all(), expected + "and after that\n");
}

// The sum of all "(N lines were dropped: whoever reads this was too slow)".
std::uint64_t told_as_dropped(const std::string& text) {
    constexpr std::string_view behind = " lines were dropped: whoever reads this was too slow)\n";
    std::uint64_t sum = 0;
    for (std::size_t end = text.find(behind); end != std::string::npos; end = text.find(behind, end + 1))
        sum += std::stoull(text.substr(text.rfind('(', end) + 1));
    return sum;
}

// The thread is stuck in its write; whoever adds lines is not, nor is the end of the program.
TEST(LogWriter, AReaderThatStopsCostsLinesAndNothingElse) {
    auto pipe = std::make_unique<Pipe>();
    ASSERT_EQ(::fcntl(pipe->ends[1], F_SETPIPE_SZ, 4096), 4096);
    pipe->fill();
    const std::string line(99, 'x');
    LogWriter log(pipe->ends[1], {.waiting_max = 10'000,
                                  .gathered_for = std::chrono::milliseconds(0),
                                  .end_within = std::chrono::milliseconds(1)});
    // What waits, and what the thread holds already: then no more is taken.
    int added = 0;
    while (log.dropped() == 0 && added < 1'000'000) {
        log.add(line + "\n");
        ++added;
    }
    EXPECT_EQ(log.dropped(), 1u);
    log.add(std::string(20'000, 'y') + "\n");
    EXPECT_EQ(log.dropped(), 2u) << "nor is a line that is larger than all";
    log.finish();
    // It reads again: what waited comes, and how many did not. The thread may have taken what
    // waited before the second line was dropped, and then tells of each by itself.
    std::string text;
    char piece[4096];
    while (told_as_dropped(text) < 2) {
        const ssize_t count = ::read(pipe->ends[0], piece, sizeof piece);
        ASSERT_GT(count, 0);
        text.append(piece, static_cast<std::size_t>(count));
    }
    EXPECT_EQ(told_as_dropped(text), 2u);
}

// Though nothing waits to be written, and nothing comes after it.
TEST(LogWriter, ADroppedLineIsToldOfWithoutAnother) {
    Pipe pipe;
    LogWriter log(pipe.ends[1], {.waiting_max = 100, .gathered_for = std::chrono::milliseconds(0)});
    for (int i = 1; i <= 2; ++i) {
        log.add(std::string(101, 'x') + "\n");
        log.finish();
        EXPECT_EQ(log.dropped(), static_cast<std::uint64_t>(i));
    }
    const std::string text = pipe.read_all();
    EXPECT_EQ(told_as_dropped(text), 2u) << text;
}

TEST(LogWriter, AReaderThatHasGoneCostsLines) {
    std::signal(SIGPIPE, SIG_IGN);
    Pipe pipe;
    pipe.close_reader();
    LogWriter log(pipe.ends[1], {.gathered_for = std::chrono::milliseconds(0)});
    log.add("one\n");
    log.finish();
    EXPECT_EQ(log.dropped(), 1u);
}

// The line is dropped and counted, and whoever adds it is not kept waiting.
TEST(LogWriter, WithoutAThreadLinesAreDropped) {
    if (!test::threads_can_be_denied) GTEST_SKIP();
    Pipe pipe;
    LogWriter log(pipe.ends[1], {.gathered_for = std::chrono::milliseconds(0)});
    {
        const test::NoThreads none;
        EXPECT_THROW(std::thread([] {}).join(), std::system_error);
        log.add("lost\n");
    }
    EXPECT_EQ(log.dropped(), 1u);
    log.add("kept\n");
    log.finish();
    const std::string text = pipe.read_all();
    EXPECT_TRUE(text.starts_with("kept\n(1 lines were dropped")) << text;
}

TEST(LogWriter, LinesFromSeveralThreadsStayWhole) {
    Pipe pipe;
    {
        LogWriter log(pipe.ends[1], {.gathered_for = std::chrono::milliseconds(0)});
        std::vector<std::jthread> writers;
        for (char letter : {'a', 'b', 'c'}) {
            writers.emplace_back([&log, letter] {
                for (int i = 0; i < 100; ++i) log.add(std::string(20, letter) + "\n");
            });
        }
    }
    const std::string text = pipe.read_all();
    EXPECT_EQ(std::ranges::count(text, '\n'), 300);
    for (std::size_t at = 0; at < text.size(); at += 21) EXPECT_EQ(text.substr(at, 20), std::string(20, text[at]));
}

}  // namespace
}  // namespace strata::cli
