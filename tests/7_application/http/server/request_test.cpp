// What a client may say, and what it is told: at once where nothing more is needed to know.
#include <boost/asio/steady_timer.hpp>

#include "strata/7_application/http/message/request_line.hpp"
#include "tests/7_application/http/served.hpp"

namespace strata::application::http {
namespace {

using namespace test;

// ---- request lines ------------------------------------------------------------------------------

struct Line {
    std::string text;
    RequestLine::State state;
    unsigned status = 0;
    std::size_t skip = 0;
};

TEST(RequestLineCheck, IsRightOrSaysWhy) {
    using enum RequestLine::State;
    const Line lines[] = {
        {"", incomplete},
        {"G", incomplete},
        {"GET ", incomplete},
        {"GET / HTTP/1.1", incomplete},
        {"GET / HTTP/1.1\r", incomplete},
        {"GET / HTTP/1.1\r\n", good},
        {"GET / HTTP/1.0\r\n", good},
        {"OPTIONS * HTTP/1.1\r\n", good},
        // Empty lines before it (RFC 9112 2.2), a few.
        {"\r\nGET / HTTP/1.1\r\n", good, 0, 2},
        {"\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n", good, 0, 8},
        {"\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\n", wrong, 400},
        {"\r", incomplete},
        // No token, no target, no version, a gap too many, another end.
        {"\x16\x03\x01\x02", wrong, 400},  // TLS
        {std::string("\0\0", 2), wrong, 400},
        {"G(T / HTTP/1.1\r\n", wrong, 400},
        {"GET\r\n", wrong, 400},
        {"GET /\r\n", wrong, 400},
        {"GET  HTTP/1.1\r\n", wrong, 400},
        {"GET / \r\n", wrong, 400},
        {" GET / HTTP/1.1\r\n", wrong, 400},
        {"GET / x HTTP/1.1\r\n", wrong, 400},
        {"GET /\tx HTTP/1.1\r\n", wrong, 400},
        {"GET / HTTP/1.1 \r\n", wrong, 400},
        {"GET / HTTP/1.1\n", wrong, 400},
        {"GET / http/1.1\r\n", wrong, 400},
        {"GET / HTTP/1.1.1\r\n", wrong, 400},
        {"GET / HTTP/11\r\n", wrong, 400},
        {"GET / HTTP/2.0\r\n", wrong, 505},
        {"GET / HTTP/0.9\r\n", wrong, 505},
        {"PRI * HTTP/2.0\r\n", wrong, 505},
        // Methods know case (RFC 9110 9.1).
        {"get / HTTP/1.1\r\n", wrong, 501},
        {"BREW / HTTP/1.1\r\n", wrong, 501},
        {"PATCH / HTTP/1.1\r\n", good},
        {std::string(32, 'M'), incomplete},
        {std::string(33, 'M'), wrong, 400},
        {std::string(32, 'M') + " / HTTP/1.1\r\n", wrong, 501},
    };
    for (const Line& line : lines) {
        std::string text = line.text;
        const RequestLine checked = check_request_line(text, 200);
        EXPECT_EQ(checked.state, line.state) << line.text;
        EXPECT_EQ(checked.status, line.status) << line.text;
        if (checked.state == good) {
            EXPECT_EQ(checked.skip, line.skip) << line.text;
        }
    }
}

TEST(RequestLineCheck, TooLongIsSaidBeforeItsEnd) {
    std::string text = "GET /" + std::string(195, 'a');
    EXPECT_EQ(check_request_line(text, 200).state, RequestLine::State::incomplete);
    text += 'a';
    EXPECT_EQ(check_request_line(text, 200).status, 414u);
}

TEST(RequestLineCheck, ALaterVersionIsReadAsThisOne) {
    std::string text = "GET / HTTP/1.2\r\nX";
    EXPECT_EQ(check_request_line(text, 200).state, RequestLine::State::good);
    EXPECT_EQ(text, "GET / HTTP/1.1\r\nX");
}

TEST(HostField, NamesAHostOrNothing) {
    for (const char* host : {"", "example.org", "example.org:80", "example.org:", "10.0.0.1:8000", "[::1]",
                             "[2001:db8::1]:8080", "xn--fiq.cn", "a_b"})
        EXPECT_TRUE(is_host(host)) << host;
    for (const char* host :
         {"a b", "a/b", "a?b", "a#b", "user@host", "[::1", "::1", "host:port", "host:99999", "<script>", "a:1:2"})
        EXPECT_FALSE(is_host(host)) << host;
}

// ---- whole requests -----------------------------------------------------------------------------

// What comes back within half a second, to a client that says no more and stays.
struct Promptly : HttpServer {
    std::string answer_to(const std::string& request) {
        if (!http) serve();
        std::string answer;
        asio::co_spawn(lab.io(), converse(client.network(), request, false, answer), [](std::exception_ptr) {});
        lab.run_for(500ms);
        std::string sofar = answer.substr(0, answer.find('\0'));  // behind it is room for more
        lab.run_for(10min);
        return sofar;
    }
    unsigned status_of(const std::string& request) {
        const std::string answer = answer_to(request);
        return answer.starts_with("HTTP/1.1 ") ? static_cast<unsigned>(std::stoi(answer.substr(9, 3))) : 0;
    }
};

TEST_F(Promptly, APartOfARequestIsWaitedFor) {
    const std::string request = "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (std::size_t size = 1; size < request.size(); ++size) EXPECT_EQ(answer_to(request.substr(0, size)), "") << size;
    EXPECT_EQ(status_of(request), 200u);
}

TEST_F(Promptly, EachRequestHasItsAnswer) {
    const std::string host = "Host: example.com\r\n";
    const std::pair<std::string, unsigned> rows[] = {
        {"GET / HTTP/1.1\r\n" + host + "\r\n", 200},
        {"GET / HTTP/1.1\r\nhoSt:\texample.com\r\nempty:\r\n\r\n", 200},
        {"GET / HTTP/1.1\r\n" + host + "X-Empty: \r\n\r\n", 200},
        {"GET / HTTP/1.1\r\n" + host + "Expect: 100-continue\r\n\r\n", 200},
        {"GET / HTTP/1.2\r\n" + host + "\r\n", 200},
        {"\r\nGET / HTTP/1.1\r\n" + host + "\r\n", 200},
        {"GET / HTTP/1.0\r\n\r\n", 200},
        // Without the rest of the request, or its body.
        {"GET / \r\n", 400},
        {"Extra lineGET / HTTP/1.1\r\n", 400},
        {"GET / HTTP/9.9\r\n", 505},
        {"BREW /pot HTTP/1.1\r\n", 501},
        {"GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 400},
        {"GET / HTTP/1.0\r\nHost: a b\r\nContent-Length: 5\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: example.com\r\nHost: example.org\r\nContent-Length: 5\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\nHost: example.com/path\r\n\r\n", 400},
        {"GET /" + std::string(20000, 'a'), 414},
        {"GET / HTTP/1.1\r\n" + host + "X: " + std::string(20000, 'a'), 431},
        // Who waits for a word before he sends a body has it, and need not send it.
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\nExpect: 100-Continue\r\n\r\n", 405},
        {"GET /hello.txt HTTP/1.1\r\n" + host + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", 200},
        {"GET / HTTP/1.1\r\n" + host + "Expect: a-miracle\r\n\r\n", 417},
        {"GET / HTTP/1.0\r\n" + host + "Expect: a-miracle\r\n\r\n", 200},
        // Fields that are none.
        {"GET / HTTP/1.1\r\n" + host + "X-Invalid[]: test\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "X-Bad: test\x07\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "X-Bad : test\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "no colon\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "\rSome-Header: Test\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "Content-Length: -123456789123456789123456789\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "Content-Length: -1234\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "Content-Length: abc\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "Content-Length: 1, 2\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        {"GET / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", 400},
        {"POST / HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello", 405},
        {"TRACE / HTTP/1.1\r\n" + host + "\r\n", 405},
        // Targets in full, with the scheme in any case.
        {"GET http://example.com/hello.txt HTTP/1.1\r\n" + host + "\r\n", 200},
        {"GET HTTP://example.com/hello.txt?a=b HTTP/1.1\r\n" + host + "\r\n", 200},
        {"GET https://example.com/missing HTTP/1.1\r\n" + host + "\r\n", 404},
        {"GET hTTp://example.com?a=b HTTP/1.1\r\n" + host + "\r\n", 200},
        {"GET http://exa mple/ HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET http://[/ HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET hello.txt HTTP/1.1\r\n" + host + "\r\n", 400},
        {"GET /a/../hello.txt HTTP/1.1\r\n" + host + "\r\n", 200},
    };
    for (const auto& [request, status] : rows) EXPECT_EQ(status_of(request), status) << request.substr(0, 200);
}

TEST_F(Promptly, WhoMayNotSendHisBodyIsNotKept) {
    const std::string answer = answer_to(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\nGET / HTTP/1.1\r\nHost: "
        "x\r\n\r\n");
    EXPECT_EQ(field(answer, "Connection"), "close");
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "what comes instead of the body is no request";
}

TEST_F(Promptly, ConditionsOverSeveralLinesAreOneList) {
    const std::string tag = field(get("/hello.txt"), "ETag");
    EXPECT_TRUE(
        get("/hello.txt", "If-None-Match: \"a\"\r\nIf-None-Match: " + tag + "\r\n").starts_with("HTTP/1.1 304 "));
    EXPECT_TRUE(get("/hello.txt", "If-Match: \"a\"\r\nIf-Match: \"b\"\r\n").starts_with("HTTP/1.1 412 "));
    EXPECT_TRUE(get("/hello.txt", "If-Match: \"a\"\r\nIf-Match: " + tag + "\r\n").starts_with("HTTP/1.1 200 "));
}

// The lab's calendar begins in 2024: the file is of its future.
TEST_F(Promptly, NoFileIsOfTheFuture) {
    const std::string answer = get("/hello.txt");
    EXPECT_EQ(field(answer, "Last-Modified"), field(answer, "Date"));
}

TEST_F(Promptly, ATagDoesNotTellWhichDiskItStandsOn) {
    std::filesystem::copy_file(folder.path() / "hello.txt", folder.path() / "copy.txt");
    std::filesystem::last_write_time(folder.path() / "copy.txt",
                                     std::filesystem::last_write_time(folder.path() / "hello.txt"));
    EXPECT_EQ(field(get("/copy.txt"), "ETag"), field(get("/hello.txt"), "ETag"));
}

}  // namespace
}  // namespace strata::application::http
