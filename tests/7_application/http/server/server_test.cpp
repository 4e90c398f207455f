// What the HTTP server answers, in virtual time, over our own stack.
#include <sys/stat.h>

#include "tests/7_application/http/served.hpp"

namespace strata::application::http {
namespace {

using namespace test;

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

TEST_F(HttpServer, ARangeIsThatAndNothingElse) {
    EXPECT_EQ(body(get("/empty")), "");
    EXPECT_EQ(body(get("/hello.txt", "Range: bytes=12-\r\n")), "\n");
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
    EXPECT_EQ(field(get("/sub?a=%20b"), "Location"), "/sub/?a=%20b");
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
    EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n").starts_with("HTTP/1.1 413 "));
    EXPECT_EQ(reports.back().target, "/");
    EXPECT_TRUE(exchange("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n").starts_with("HTTP/1.1 405 "))
        << "not for its length alone";
    EXPECT_EQ(reports.back().method, "PUT");
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

// Each to its end, and one past it.
TEST_F(HttpServer, HeadersAndBodiesAreBounded) {
    serve({.header_max = 200, .body_max = 10});
    const auto with_line = [&](std::size_t size) {
        const std::string begin = "GET /", end = " HTTP/1.1\r\n";
        return begin + std::string(size - begin.size() - end.size(), 'a') + end +
               "Host: x\r\nConnection: close\r\n\r\n";
    };
    EXPECT_TRUE(exchange(with_line(200)).starts_with("HTTP/1.1 404 "));
    EXPECT_TRUE(exchange(with_line(201)).starts_with("HTTP/1.1 414 "));
    const auto with_fields = [&](std::size_t size) {
        const std::string begin = "Host: x\r\nConnection: close\r\nX: ", end = "\r\n\r\n";
        return "GET /hello.txt HTTP/1.1\r\n" + begin + std::string(size - begin.size() - end.size(), 'a') + end;
    };
    EXPECT_TRUE(exchange(with_fields(200)).starts_with("HTTP/1.1 200 "));
    EXPECT_TRUE(exchange(with_fields(201)).starts_with("HTTP/1.1 431 "));
    const auto with_body = [&](std::size_t size) {
        return exchange("GET /hello.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                        std::to_string(size) + "\r\n\r\n" + std::string(size, 'b'));
    };
    EXPECT_FALSE(with_body(10).starts_with("HTTP/1.1 413 "));
    EXPECT_TRUE(with_body(11).starts_with("HTTP/1.1 413 "));
}

// RFC 9112 6.1, 6.3: a body whose end is not sure is not read, nor what follows it.
TEST_F(HttpServer, AFramingThatCanBeReadInTwoWaysIsRefused) {
    const std::string smuggled = "GET /sub/%E8%AF%B4%E6%98%8E.txt HTTP/1.1\r\nHost: x\r\n\r\n";
    const auto post = [&](const std::string& version, const std::string& fields) {
        return exchange("POST /hello.txt HTTP/" + version + "\r\nHost: x\r\n" + fields + "\r\n" + smuggled);
    };
    for (const std::string coding : {"identity", "chunked, gzip", "gzip, chunked", "xchunked", "\"chunked\"",
                                     "chunked;a=b", "chunked, chunked", "chunked\r\nTransfer-Encoding: chunked"}) {
        const std::string answer = post("1.1", "Transfer-Encoding: " + coding + "\r\n");
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 501 ") || answer.starts_with("HTTP/1.1 400 ")) << coding << answer;
        EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << coding << ": what follows it was answered";
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
    serve({.places = places({.connections_max = 1, .leaving_max = 0}), .turned_away_max = 1});
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
    http->abort();
    lab.run_for(1s);
    EXPECT_EQ(http->active(), 0u);
}

TEST_F(HttpServer, TooManyConnectionsAreTurnedAway) {
    serve({.places = places({.connections_max = 1, .leaving_max = 0})});
    Stream first;
    client.network().async_connect({Ipv4Address{10, 0, 0, 2}, 80},
                                   [&](session::error_code, Stream stream) { first = std::move(stream); });
    lab.run_for(1s);
    std::string answer;
    asio::co_spawn(lab.io(), converse(client.network(), "", true, answer), [](std::exception_ptr) {});
    lab.run_for(1s);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 "));
}

}  // namespace
}  // namespace strata::application::http
