// The HTTP server and client in virtual time, over our own stack.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "strata/7_application/http/client.hpp"
#include "strata/7_application/http/server.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::http {
namespace {

namespace asio = session::asio;
using asio::use_awaitable;
using session::Address;
using session::Stream;

std::string big_text() {
    std::string text(1 << 20, '\0');
    SeededEntropy entropy(9);
    entropy.fill(std::as_writable_bytes(std::span(text)));
    return text;
}

struct HttpServer : test::ServedFolder {
    HttpServer() {
        folder.write("hello.txt", "hello, world\n");
        folder.write("sub/说明.txt", "text");
        folder.write("big.bin", big_text());
        folder.write("empty", "");
    }
    void serve(ServerOptions options = {}) {
        http = std::make_unique<Server>(
            server.network(), root, [this](const RequestReport& report) { reports.push_back(report); }, options);
        http->start(server.network().listen({Ipv4Address{}, 80}));
    }
    // Sends the text as it stands, and returns all that comes until the server closes.
    std::string exchange(std::string request, bool half_close = true) {
        if (!http) serve();
        std::string answer;
        asio::co_spawn(lab.io(), converse(client.network(), std::move(request), half_close, answer),
                       [](std::exception_ptr failed) {
                           if (failed) std::rethrow_exception(failed);
                       });
        lab.run_for(10min);
        return answer;
    }
    static asio::awaitable<void> converse(session::Network& network, std::string request, bool half_close,
                                          std::string& answer) {
        Stream stream = co_await network.async_connect(Address{Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable);
        session::error_code error;
        co_await asio::async_write(stream, asio::buffer(request), asio::redirect_error(use_awaitable, error));
        if (half_close) (void)stream.shut_down_sending();
        co_await asio::async_read(stream, asio::dynamic_buffer(answer), asio::redirect_error(use_awaitable, error));
    }
    std::string get(const std::string& target, const std::string& fields = "") {
        return exchange("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "Connection: close\r\n\r\n");
    }
    static std::string body(const std::string& answer) {
        const auto end = answer.find("\r\n\r\n");
        return end == std::string::npos ? "" : answer.substr(end + 4);
    }
    static std::string field(const std::string& answer, const std::string& name) {
        const auto at = answer.find("\r\n" + name + ": ");
        if (at == std::string::npos) return "";
        const auto start = at + name.size() + 4;
        return answer.substr(start, answer.find("\r\n", start) - start);
    }

    std::unique_ptr<Server> http;
    std::vector<RequestReport> reports;
};

TEST_F(HttpServer, GivesAFile) {
    const std::string answer = get("/hello.txt");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(body(answer), "hello, world\n");
    EXPECT_EQ(field(answer, "Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(field(answer, "Content-Length"), "13");
    EXPECT_EQ(field(answer, "Accept-Ranges"), "bytes");
    EXPECT_EQ(field(answer, "Connection"), "close");
    EXPECT_TRUE(field(answer, "Date").ends_with(" GMT"));
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].status, 200u);
    EXPECT_EQ(reports[0].body_bytes, 13u);
    EXPECT_EQ(body(get("/big.bin")), big_text());
    EXPECT_EQ(body(get("/sub/%E8%AF%B4%E6%98%8E.txt")), "text");
    EXPECT_EQ(field(get("/empty"), "Content-Length"), "0");
}

TEST_F(HttpServer, AChunkSmallerThanTheHeadSendsBothWhole) {
    serve({.chunk = 16});
    EXPECT_EQ(body(get("/hello.txt")), "hello, world\n");
    EXPECT_EQ(body(get("/empty")), "");
    EXPECT_EQ(body(get("/big.bin", "Range: bytes=100-299\r\n")), big_text().substr(100, 200));
}

TEST_F(HttpServer, HeadHasTheFieldsAndNoBody) {
    const std::string answer = exchange("HEAD /hello.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(field(answer, "Content-Length"), "13");
    EXPECT_EQ(body(answer), "");
}

TEST_F(HttpServer, RangesOneAndSeveral) {
    const std::string one = get("/hello.txt", "Range: bytes=7-11\r\n");
    EXPECT_TRUE(one.starts_with("HTTP/1.1 206 "));
    EXPECT_EQ(body(one), "world");
    EXPECT_EQ(field(one, "Content-Range"), "bytes 7-11/13");
    const std::string two = get("/hello.txt", "Range: bytes=0-4,7-11\r\n");
    EXPECT_TRUE(field(two, "Content-Type").starts_with("multipart/byteranges; boundary="));
    EXPECT_NE(two.find("Content-Range: bytes 0-4/13\r\n\r\nhello\r\n--"), std::string::npos);
    EXPECT_NE(two.find("Content-Range: bytes 7-11/13\r\n\r\nworld\r\n--"), std::string::npos);
    EXPECT_EQ(field(two, "Content-Length"), std::to_string(body(two).size()));
    const std::string beyond = get("/hello.txt", "Range: bytes=13-\r\n");
    EXPECT_TRUE(beyond.starts_with("HTTP/1.1 416 "));
    EXPECT_EQ(field(beyond, "Content-Range"), "bytes */13");
    const std::string other = get("/hello.txt", "Range: bytes=0-4\r\nIf-Range: \"other\"\r\n");
    EXPECT_EQ(body(other), "hello, world\n") << "another version: the whole";
}

TEST_F(HttpServer, ConditionsSaveTheBody) {
    const std::string tag = field(get("/hello.txt"), "ETag");
    const std::string same = get("/hello.txt", "If-None-Match: " + tag + "\r\n");
    EXPECT_TRUE(same.starts_with("HTTP/1.1 304 "));
    EXPECT_EQ(body(same), "");
    EXPECT_TRUE(get("/hello.txt", "If-Match: \"other\"\r\n").starts_with("HTTP/1.1 412 "));
}

TEST_F(HttpServer, KeepsTheConnectionAndAnswersAPipelineInOrder) {
    std::string requests;
    for (int i = 0; i < 3; ++i)
        requests +=
            "GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /sub/%E8%AF%B4%E6%98%8E.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    const std::string answers = exchange(requests);
    std::size_t found = 0;
    for (std::size_t at = 0; (at = answers.find("HTTP/1.1 200 OK", at)) != std::string::npos; ++at) ++found;
    EXPECT_EQ(found, 6u);
    EXPECT_LT(answers.find("\r\n\r\nhello, world"), answers.find("\r\n\r\ntext"));
}

TEST_F(HttpServer, ListsAFolderAndRedirectsToItsSlash) {
    const std::string page = get("/");
    EXPECT_NE(page.find("hello.txt"), std::string::npos);
    EXPECT_NE(page.find("sub/"), std::string::npos);
    const std::string redirect = get("/sub");
    EXPECT_TRUE(redirect.starts_with("HTTP/1.1 301 "));
    EXPECT_EQ(field(redirect, "Location"), "/sub/");
    EXPECT_NE(get("/sub/").find("说明.txt"), std::string::npos);
}

TEST_F(HttpServer, NothingOutsideIsEverRead) {
    std::filesystem::create_symlink("/etc", folder.path() / "out");
    std::filesystem::create_symlink("hello.txt", folder.path() / "inside");
    ASSERT_EQ(::mkfifo((folder.path() / "pipe").c_str(), 0600), 0);
    for (const char* target : {"/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/sub/../../x", "/out/passwd", "/out",
                               "/pipe", "/..%2f..%2fetc/passwd"}) {
        const std::string answer = get(target);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 403 ") || answer.starts_with("HTTP/1.1 404 ")) << target << "\n"
                                                                                                << answer;
    }
    EXPECT_EQ(body(get("/inside")), "hello, world\n") << "a link that stays inside is followed";
    EXPECT_TRUE(get("/%00").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(get("/" + std::string(5000, 'a')).starts_with("HTTP/1.1 4"));
}

TEST_F(HttpServer, RefusesWhatIsNoProperRequest) {
    EXPECT_TRUE(
        exchange("POST /hello.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab").starts_with("HTTP/1.1 405 "));
    EXPECT_TRUE(exchange("GET /hello.txt HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 400 ")) << "no Host";
    EXPECT_TRUE(exchange("complete nonsense\r\n\r\n").starts_with("HTTP/1.1 4"));
    EXPECT_TRUE(exchange("GET / HTTP/7.0\r\nHost: x\r\n\r\n").starts_with("HTTP/1.1 505 "));
    EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(40000, 'a') + "\r\n\r\n")
                    .starts_with("HTTP/1.1 431 "));
    EXPECT_TRUE(
        exchange("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n").starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(exchange("OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").starts_with("HTTP/1.1 204 "));
    EXPECT_TRUE(get("/missing").starts_with("HTTP/1.1 404 "));
}

TEST_F(HttpServer, SlowClientsAreEnded) {
    serve({.request_timeout = 5s, .idle_timeout = 7s, .patience = {.stall_timeout = 9s}});
    EXPECT_TRUE(exchange("GET /hello.txt HT", false).starts_with("HTTP/1.1 408 ")) << "half a request";
    EXPECT_EQ(exchange("", false), "") << "not a byte";
    const std::string kept = exchange("GET /hello.txt HTTP/1.1\r\nHost: x\r\n\r\n", false);
    EXPECT_TRUE(kept.starts_with("HTTP/1.1 200 ")) << "and the idle connection is closed";
    EXPECT_EQ(http->active(), 0u);
}

// A client that takes `count` bytes at a time, and pauses in between.
struct SlowReader {
    std::string received;
    session::error_code error;
    Stream stream;
    asio::awaitable<void> read(session::Network& network, std::string request, std::size_t count, Duration pause) {
        stream = co_await network.async_connect(Address{Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable);
        co_await asio::async_write(stream, asio::buffer(request), use_awaitable);
        session::Timer timer = network.make_timer();
        std::string some(count, 0);
        while (!error) {
            timer.expires_after(pause);
            co_await timer.async_wait(use_awaitable);
            const std::size_t got =
                co_await stream.async_read_some(asio::buffer(some), asio::redirect_error(use_awaitable, error));
            received.append(some, 0, got);
        }
    }
};

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

// What was written within a millisecond needs ten seconds on this cable: the server stays until it has arrived, and says how long it took.
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

// RFC 9112 6.1, 6.3: a body whose end is not sure is not read, nor what stands behind it.
TEST_F(HttpServer, AFramingThatCanBeReadInTwoWaysIsRefused) {
    const std::string smuggled = "GET /sub/%E8%AF%B4%E6%98%8E.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    const auto post = [&](const std::string& version, const std::string& fields) {
        return exchange("POST /hello.txt HTTP/" + version + "\r\nHost: x\r\n" + fields + "\r\n" + smuggled);
    };
    for (const std::string coding : {"identity", "chunked, gzip", "gzip, chunked", "xchunked", "\"chunked\"",
                                     "chunked;a=b", "chunked, chunked", "chunked\r\nTransfer-Encoding: chunked"}) {
        const std::string answer = post("1.1", "Transfer-Encoding: " + coding + "\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 501 ") || answer.starts_with("HTTP/1.1 400 ")) << coding << answer;
        EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << coding << ": what stands behind it was answered";
    }
    EXPECT_TRUE(post("1.0", "Transfer-Encoding: chunked\r\n").starts_with("HTTP/1.1 400 "));
    EXPECT_TRUE(post("1.1", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n").starts_with("HTTP/1.1 400 "));
    const std::string good = exchange(
        "POST /hello.txt HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: Chunked\r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n" +
        smuggled);
    EXPECT_NE(good.find("HTTP/1.1 200 OK"), std::string::npos) << "the request behind a whole body is read";
}

TEST_F(HttpServer, OfThoseWhoAreTurnedAwayOnlySoManyAreTold) {
    serve({.connections_max = 1, .turned_away_max = 1});
    std::array<SlowReader, 3> readers;
    for (SlowReader& each : readers) {
        asio::co_spawn(lab.io(), each.read(client.network(), "", 100, 10s), [](std::exception_ptr) {});
        lab.run_for(10ms);
    }
    lab.run_for(15s);
    EXPECT_TRUE(readers[0].received.empty());
    EXPECT_TRUE(readers[1].received.starts_with("HTTP/1.1 503 ")) << "though it was read late";
    EXPECT_TRUE(readers[2].received.empty());
    EXPECT_EQ(readers[2].error, asio::error::connection_reset);
}

TEST_F(HttpServer, TooManyConnectionsAreTurnedAway) {
    serve({.connections_max = 1});
    Stream first;
    client.network().async_connect({Ipv4Address{10, 0, 0, 2}, 80},
                                   [&](session::error_code, Stream stream) { first = std::move(stream); });
    lab.run_for(1s);
    std::string answer;
    asio::co_spawn(lab.io(), converse(client.network(), "", true, answer), [](std::exception_ptr) {});
    lab.run_for(1s);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 "));
}

// ---------------------------------------------------------------------------------------------------- the client

struct HttpClient : HttpServer {
    std::string fetch_to(const std::string& name, const std::string& url, OutputOptions options = {}) {
        std::string failure;
        OutputFile out(folder.path() / name, options);
        asio::co_spawn(lab.io(), http::fetch(client.network(), *parse_url(url), out), [&](std::exception_ptr failed) {
            try {
                if (failed) std::rethrow_exception(failed);
                out.commit();
            } catch (const std::exception& error) {
                failure = error.what();
            }
        });
        lab.run_for(1h);
        return failure;
    }
};

TEST_F(HttpClient, FetchesAndResumes) {
    serve();
    EXPECT_EQ(fetch_to("got", "http://10.0.0.2/big.bin"), "");
    EXPECT_EQ(folder.read("got"), big_text());
    const std::string head = exchange("HEAD /big.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    folder.write("again.part", big_text().substr(0, 300000));
    folder.write("again.part.version", field(head, "ETag") + "\n\n1048576\n");
    EXPECT_EQ(fetch_to("again", "http://10.0.0.2/big.bin", {.resume = true}), "");
    EXPECT_EQ(folder.read("again"), big_text());
    EXPECT_EQ(reports.back().status, 206u);
    EXPECT_EQ(reports.back().body_bytes, big_text().size() - 300000);
}

// A server that gives, to one request after the other, answers that were written for it; and what it was asked.
struct HttpResume : HttpClient {
    std::vector<std::string> requests;
    std::vector<std::string> notices;
    static constexpr std::string_view whole = "0123456789abcdefghij";
    asio::awaitable<void> play(std::vector<std::string> answers) {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 80});
        for (const std::string& answer : answers) {
            Stream stream = co_await acceptor.async_accept(use_awaitable);
            std::string request;
            co_await asio::async_read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", use_awaitable);
            requests.push_back(request);
            co_await asio::async_write(stream, asio::buffer("HTTP/1.1 " + answer), use_awaitable);
        }
    }
    // A part of ten bytes, known by `version`; the file that comes of it, or what failed.
    std::string resumed(const std::string& version, std::vector<std::string> answers) {
        requests.clear();
        notices.clear();
        folder.write("got.part", "0123456789");
        folder.write("got.part.version", version);
        asio::co_spawn(lab.io(), play(std::move(answers)), [](std::exception_ptr) {});
        std::string failure;
        {
            OutputFile out(folder.path() / "got", {.resume = true, .force = true});
            ClientOptions options;
            options.on_notice = [this](const std::string& notice) { notices.push_back(notice); };
            asio::co_spawn(lab.io(), http::fetch(client.network(), *parse_url("http://10.0.0.2/f"), out, {}, options),
                           [&](std::exception_ptr failed) {
                               try {
                                   if (failed) std::rethrow_exception(failed);
                                   out.commit();
                               } catch (const std::exception& error) {
                                   failure = error.what();
                               }
                           });
            lab.run_for(5min);
        }
        return failure.empty() ? folder.read("got") : failure;
    }
    static std::string part(const std::string& range, const std::string& fields, std::string_view body = "abcdefghij") {
        return "206 Partial Content\r\nContent-Range: bytes " + range + "\r\n" + fields +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
    }
    static std::string all(const std::string& fields = "") {
        return "200 OK\r\n" + fields + "Content-Length: 20\r\n\r\nABCDEFGHIJKLMNOPQRST";
    }
};

const std::string date = "Mon, 02 Feb 2026 00:00:00 GMT", later = "Tue, 03 Feb 2026 00:00:00 GMT";
const std::string anew = "ABCDEFGHIJKLMNOPQRST";

TEST_F(HttpResume, GoesOnWithTheSameVersion) {
    EXPECT_EQ(resumed("\"a\"\n\n20\n", {part("10-19/20", "ETag: \"a\"\r\n")}), whole);
    EXPECT_NE(requests[0].find("If-Range: \"a\"\r\n"), std::string::npos) << requests[0];
    EXPECT_EQ(resumed("\n" + date + "\n20\n", {part("10-19/20", "Last-Modified: " + date + "\r\n")}), whole);
    EXPECT_EQ(requests[0].find("If-Range"), std::string::npos) << "a date is no strong validator";
    EXPECT_EQ(resumed("\"a\"\n\n20\n", {part("10-19/*", "ETag: \"a\"\r\n")}), whole);
    EXPECT_TRUE(notices.empty());
}

TEST_F(HttpResume, NeverJoinsTwoVersions) {
    const std::string known = "\"a\"\n" + date + "\n20\n";
    for (const std::string& wrong : {
             part("10-19/20", "ETag: \"b\"\r\n"),                   // ignores If-Range
             part("10-19/20", "Last-Modified: " + later + "\r\n"),  // neither has it tags
             part("10-19/20", ""),                                  // says nothing
             part("10-19/20", "ETag: W/\"a\"\r\n"),                 // says nothing of bytes
             part("10-20/21", "ETag: \"a\"\r\n", "abcdefghijk"),    // another length
             part("9-19/20", "ETag: \"a\"\r\n", "9abcdefghij"),     // another place
             part("10-29/20", "ETag: \"a\"\r\n"),                   // no place
             part("10-18/20", "ETag: \"a\"\r\n"),                   // not what it carries
             std::string("206 Partial Content\r\nETag: \"a\"\r\nContent-Length: 3\r\n\r\nabc"),
             std::string("416 Range Not Satisfiable\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n"),
         }) {
        EXPECT_EQ(resumed(known, {wrong, all()}), anew) << wrong;
        ASSERT_EQ(requests.size(), 2u) << wrong;
        EXPECT_EQ(requests[1].find("Range"), std::string::npos) << "asked for from the first byte on";
        EXPECT_EQ(notices.size(), 1u) << wrong;
    }
    EXPECT_EQ(resumed(known, {all()}), anew) << "another version by now";
    EXPECT_EQ(notices.size(), 1u);
}

TEST_F(HttpResume, APartOfAnUnknownVersionIsFetchedAnew) {
    for (const std::string version : {"", "\n\n20\n", "\"a\"", "\"a\"\n\x01\n20\n"}) {
        EXPECT_EQ(resumed(version, {all()}), anew);
        EXPECT_EQ(requests[0].find("Range"), std::string::npos) << version;
    }
}

TEST_F(HttpResume, APartThatWasWholeIsPutInPlace) {
    const std::string end = "416 Range Not Satisfiable\r\nContent-Range: bytes */10\r\nContent-Length: 0\r\n\r\n";
    EXPECT_EQ(resumed("\"a\"\n\n10\n", {end}), "0123456789");
    EXPECT_EQ(resumed("\n" + date + "\n10\n", {end, all()}), anew)
        << "without If-Range it may be another of that length";
}

TEST_F(HttpResume, APartOfAPartIsNotTheWhole) {
    const std::string failure = resumed("\"a\"\n\n20\n", {part("10-14/*", "ETag: \"a\"\r\n", "abcde")});
    EXPECT_NE(failure.find("15 of 20"), std::string::npos) << failure;
    EXPECT_EQ(folder.read("got.part"), "0123456789abcde") << "and it is kept";
}

TEST_F(HttpResume, AWeakTagIsNotRemembered) {
    asio::co_spawn(lab.io(), play({"200 OK\r\nETag: W/\"a\"\r\nContent-Length: 20\r\n\r\n0123456789"}),
                   [](std::exception_ptr) {});
    EXPECT_NE(fetch_to("new", "http://10.0.0.2/f"), "");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "new.part.version"));
}

TEST_F(HttpClient, SaysWhatFailed) {
    serve();
    EXPECT_NE(fetch_to("a", "http://10.0.0.2/missing").find("404"), std::string::npos);
    const std::string refused = fetch_to("b", "http://10.0.0.2:81/x");
    EXPECT_NE(refused.find("refused"), std::string::npos) << refused;
    EXPECT_NE(fetch_to("c", "http://10.0.0.99/x").find("10.0.0.99"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "a"));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.part")) << "nothing arrived: nothing is left";
}

TEST_F(HttpClient, ABrokenTransferIsNeverAWholeFile) {
    serve();
    folder.write("huge.bin", std::string(8 << 20, 'h'));
    cable.a_to_b().set_options({.bits_per_second = 100'000'000});
    cable.b_to_a().set_options({.bits_per_second = 100'000'000});
    std::string failure;
    {
        OutputFile out(folder.path() / "huge", {});
        asio::co_spawn(lab.io(), http::fetch(client.network(), *parse_url("http://10.0.0.2/huge.bin"), out),
                       [&](std::exception_ptr failed) {
                           try {
                               if (failed) std::rethrow_exception(failed);
                           } catch (const std::exception& error) {
                               failure = error.what();
                           }
                       });
        lab.run_for(300ms);
        http->abort();
        lab.run_for(1h);
    }
    EXPECT_NE(failure.find("--resume"), std::string::npos) << failure;
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "huge"));
    EXPECT_GT(std::filesystem::file_size(folder.path() / "huge.part"), 0u);
    EXPECT_EQ(fetch_to("huge", "http://10.0.0.2/huge.bin", {.resume = true}), "");
    EXPECT_EQ(folder.read("huge"), std::string(8 << 20, 'h'));
}

}  // namespace
}  // namespace strata::application::http
