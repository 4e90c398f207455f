// What was written has not arrived: how long the HTTP server waits
// for slow clients, and what it tells of them.
#include <boost/asio/read_until.hpp>

#include "tests/7_application/http/served.hpp"

namespace strata::application::http {
namespace {

using namespace test;

struct HttpDelivery : HttpServer {
    SlowReader reader;
    void ask(const std::string& target, std::size_t count, Duration pause) {
        asio::co_spawn(lab.io(), reader.read(client.network(), "GET " + target + " HTTP/1.0\r\n\r\n", count, pause),
                       [](std::exception_ptr) {});
    }
};

TEST_F(HttpDelivery, AClientThatReadsNothingIsCutOff) {
    serve({.patience = {.stall_timeout = 9s}});
    folder.write("huge.bin", std::string(8 << 20, 'h'));
    ask("/huge.bin", 1, 10h);
    lab.run_for(6s);
    EXPECT_EQ(http->active(), 1u);
    lab.run_for(60s);
    EXPECT_EQ(http->active(), 0u);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::too_slow);
    EXPECT_GT(reports[0].body_bytes, 0u) << "what is in the client's receive buffer has arrived";
    EXPECT_LT(reports[0].body_bytes, 2u << 20);
}

// What was written within a millisecond needs ten seconds on this cable: the server stays until it
// has arrived, and says how long it took.
TEST_F(HttpDelivery, TheEndOfAFileArrivesHoweverSlowTheCable) {
    serve();
    folder.write("file.bin", big_text().substr(0, 300000));
    cable.set_options({.bits_per_second = 256'000});
    ask("/file.bin", 64 << 10, 0s);
    lab.run_for(1min);
    EXPECT_EQ(reader.error, asio::error::eof);
    EXPECT_EQ(body(reader.received), big_text().substr(0, 300000));
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::whole);
    EXPECT_EQ(reports[0].body_bytes, 300000u);
    EXPECT_GT(reports[0].took, 9s);
    EXPECT_LT(reports[0].took, 12s);
}

TEST_F(HttpDelivery, ASteadySlowReaderIsServedToTheEnd) {
    serve({.patience = {.stall_timeout = 9s}});
    folder.write("file.bin", big_text() + big_text());
    ask("/file.bin", 2000, 100ms);
    lab.run_for(110s);
    EXPECT_EQ(reader.error, asio::error::eof);
    EXPECT_EQ(body(reader.received), big_text() + big_text());
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::whole);
}

TEST_F(HttpDelivery, WhoTakesLessThanTheLeastRateIsCutOff) {
    serve({.patience = {.stall_timeout = 9s, .rate_min = 1000, .rate_over = 60s}});
    folder.write("huge.bin", std::string(8 << 20, 'h'));
    ask("/huge.bin", 60, 100ms);
    lab.run_for(59s);
    EXPECT_EQ(http->active(), 1u);
    lab.run_for(10min);
    EXPECT_EQ(http->active(), 0u);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::too_slow);
}

TEST_F(HttpDelivery, WhoTakesTheLeastRateIsServed) {
    // Its window of a megabyte opens by a sixteenth at a time, every 32 s.
    serve({.patience = {.stall_timeout = 60s, .rate_min = 1000, .rate_over = 60s}});
    folder.write("huge.bin", std::string(8 << 20, 'h'));
    ask("/huge.bin", 2000, 1s);
    lab.run_for(10min);
    EXPECT_EQ(http->active(), 1u);
}

// Its answers have arrived long since, and nobody asked: that is no reason to wait.
TEST_F(HttpDelivery, AQuickClientWaitsForNoBound) {
    serve({.unacknowledged_max = 8});
    Duration took = 1h;
    std::string failure;
    begin(
        [](session::Network& network, Duration& elapsed) -> asio::awaitable<void> {
            Stream stream = co_await network.async_connect(Address{Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable);
            const Instant began = network.now();
            for (int i = 0; i < 200; ++i) {
                std::string answer;
                co_await asio::async_write(
                    stream, asio::buffer(std::string_view("HEAD /empty HTTP/1.1\r\nHost: x\r\n\r\n")), use_awaitable);
                co_await asio::async_read_until(stream, asio::dynamic_buffer(answer), "\r\n\r\n", use_awaitable);
            }
            elapsed = network.now() - began;
        }(client.network(), took),
        failure);
    lab.run_for(1min);
    EXPECT_EQ(failure, "");
    EXPECT_LT(took, 10ms);
    EXPECT_EQ(reports.size(), 200u);
}

// All of it was written long ago, and nothing is asked: whoever still takes it is not idle, and
// need not make room. Then he is, and must.
TEST_F(HttpDelivery, WhoStillTakesHisAnswerMakesNoRoom) {
    serve({.places = places({.connections_max = 1})});
    folder.write("file.bin", big_text().substr(0, 300000));
    cable.set_options({.bits_per_second = 256'000});
    std::string first, second, third;
    const auto ask_for = [&](const std::string& target, std::string& answer) {
        asio::co_spawn(lab.io(),
                       converse(client.network(), "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n", false, answer),
                       [](std::exception_ptr) {});
    };
    ask_for("/file.bin", first);
    lab.run_for(3s);
    ask_for("/hello.txt", second);
    lab.run_for(15s);
    EXPECT_TRUE(second.starts_with("HTTP/1.1 503 "));
    EXPECT_EQ(http->active(), 1u) << "kept, and idle by now";
    ask_for("/hello.txt", third);
    lab.run_for(1min);
    EXPECT_TRUE(third.starts_with("HTTP/1.1 200 "));
    EXPECT_EQ(body(first), big_text().substr(0, 300000)) << "and the first has had all of it";
}

// A stop reaches those as well who are only told that there are too many.
TEST_F(HttpDelivery, WhoIsTurnedAwayAndDoesNotGoIsCutOffByAStop) {
    serve({.places = places({.connections_max = 0})});
    cable.set_options({.bits_per_second = 1000});
    ask("/", 10, 10h);
    lab.run_for(10s);
    EXPECT_EQ(http->active(), 1u);
    http->stop();
    http->abort();
    lab.run_for(1s);
    EXPECT_EQ(http->active(), 0u);
}

// Behind the last whole request comes half of one, and the client's end: what was asked before
// still arrives, and is told of as such.
TEST_F(HttpDelivery, WhatWasAskedBeforeGarbageArrives) {
    serve();
    folder.write("file.bin", big_text().substr(0, 300000));
    cable.set_options({.bits_per_second = 256'000});
    std::string answer;
    asio::co_spawn(lab.io(),
                   converse(client.network(), "GET /file.bin HTTP/1.1\r\nHost: x\r\n\r\nGET /fi", true, answer),
                   [](std::exception_ptr) {});
    lab.run_for(1min);
    EXPECT_EQ(body(answer), big_text().substr(0, 300000));
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::whole);
    EXPECT_EQ(reports[0].body_bytes, 300000u);
}

TEST_F(HttpDelivery, AFileThatBecomesShorterEndsWithAReset) {
    serve();
    folder.write("huge.bin", std::string(8 << 20, 'h'));
    ask("/huge.bin", 64 << 10, 10ms);
    lab.run_for(100ms);
    std::filesystem::resize_file(folder.path() / "huge.bin", 1000);
    lab.run_for(1min);
    EXPECT_EQ(reader.error, asio::error::connection_reset);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::file_short);
}

TEST_F(HttpDelivery, AClientThatGoesAndAServerThatIsStoppedAreToldApart) {
    serve();
    folder.write("huge.bin", std::string(8 << 20, 'h'));
    ask("/huge.bin", 64 << 10, 10ms);
    lab.run_for(100ms);
    reader.stream.abort();
    lab.run_for(1s);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::by_client);
    SlowReader second;
    asio::co_spawn(lab.io(), second.read(client.network(), "GET /huge.bin HTTP/1.0\r\n\r\n", 1000, 10ms),
                   [](std::exception_ptr) {});
    lab.run_for(100ms);
    http->stop();
    http->abort();
    lab.run_for(1min);
    ASSERT_EQ(reports.size(), 2u);
    EXPECT_EQ(reports[1].ending, Ending::by_server);
    EXPECT_EQ(second.error, asio::error::connection_reset);
}

// Between requests time runs from when the client has everything, not from when it was written.
TEST_F(HttpDelivery, AnIdleConnectionHasItsWholeTimeAfterASlowAnswer) {
    serve({.idle_timeout = 5s});
    folder.write("file.bin", big_text().substr(0, 300000));
    cable.set_options({.bits_per_second = 256'000});
    asio::co_spawn(lab.io(), reader.read(client.network(), "GET /file.bin HTTP/1.1\r\nHost: x\r\n\r\n", 64 << 10, 0s),
                   [](std::exception_ptr) {});
    lab.run_for(14s);
    EXPECT_EQ(http->active(), 1u);
    lab.run_for(2s);
    EXPECT_EQ(http->active(), 0u);
    EXPECT_EQ(reader.error, asio::error::eof) << "in order, not with a reset";
    EXPECT_EQ(body(reader.received), big_text().substr(0, 300000));
}

// Answers that nobody acknowledges are remembered for the log: a bound of them a connection.
TEST_F(HttpDelivery, RequestsWaitWhileTooManyAnswersHaveNotArrived) {
    serve({.unacknowledged_max = 2});
    cable.set_options({.delay = 500ms});
    std::string requests;
    for (int i = 0; i < 6; ++i) requests += "GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    asio::co_spawn(lab.io(), reader.read(client.network(), requests, 64 << 10, 0s), [](std::exception_ptr) {});
    const auto answers = [&] {
        std::size_t count = 0;
        for (auto at = reader.received.find("200 OK"); at != std::string::npos;
             at = reader.received.find("200 OK", at + 1))
            ++count;
        return count;
    };
    lab.run_for(3400ms);
    EXPECT_EQ(answers(), 2u);
    lab.run_for(1200ms);
    EXPECT_EQ(answers(), 4u);
    lab.run_for(1200ms);
    EXPECT_EQ(answers(), 6u);
    EXPECT_EQ(reports.size(), 4u);
}

}  // namespace
}  // namespace strata::application::http
