// The roads to a server: with names and passwords, by proxies, over TLS; and the attempts at it.
#include <boost/asio/read_until.hpp>

#include "strata/7_application/http/client/client.hpp"
#include "strata/7_application/transfer/retries.hpp"
#include "tests/7_application/http/served.hpp"
#include "tests/support/certificates.hpp"

namespace strata::application::http {
namespace {

using namespace test;
using asio::awaitable;

// Hosts that answer what is written for them, one connection after
// the other on each port, and note what they were asked.
struct HttpRoads : HttpServer {
    std::vector<std::string> asked;
    std::vector<std::string> notices;
    HttpOptions http_options;
    ClientOptions client_options;
    RetryOptions retries;
    Duration took{};

    awaitable<void> play(std::uint16_t port, std::vector<std::string> answers) {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, port});
        for (const std::string& answer : answers) {
            Stream stream = co_await acceptor.async_accept(use_awaitable);
            std::string request;
            co_await asio::async_read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", use_awaitable);
            asked.push_back(std::to_string(port) + " " + request);
            co_await asio::async_write(stream, asio::buffer(answer), use_awaitable);
        }
    }
    void answer_on(std::uint16_t port, std::vector<std::string> answers) {
        asio::co_spawn(lab.io(), play(port, std::move(answers)), [](std::exception_ptr) {});
    }
    // What was fetched, or why not.
    std::string fetched(const std::string& url, const std::string& name = "got") {
        OutputFile out(folder.path() / name, {.force = true});
        const std::string failure = failure_of(fetch_whole(parse_url(url).value(), out), 1h);
        return failure.empty() ? folder.read(name) : failure;
    }
    awaitable<void> fetch_whole(Url url, OutputFile& out) {
        client_options.on_notice = [this](const std::string& notice) { notices.push_back(notice); };
        const std::function<awaitable<void>()> attempt = [this, &url, &out] {
            return fetch(client.network(), url, out, {}, client_options, http_options);
        };
        const Instant began = client.network().now();
        std::exception_ptr failed;
        try {
            co_await with_retries(client.network(), retries, client_options.on_notice, attempt);
        } catch (...) {
            failed = std::current_exception();
        }
        took = client.network().now() - began;
        if (failed) std::rethrow_exception(failed);
        out.commit();
    }
    [[nodiscard]] bool was_asked(std::size_t number, std::string_view text) const {
        return number < asked.size() && asked[number].contains(text);
    }
    void by(const std::string& variable, const std::string& proxy) {
        http_options.proxies =
            Proxies([variable, proxy](const char* name) { return name == variable ? proxy.c_str() : nullptr; });
    }
};

const std::string hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
std::string redirect(const std::string& where) {
    return "HTTP/1.1 302 Found\r\nLocation: " + where + "\r\nContent-Length: 0\r\n\r\n";
}
const std::string me = "Authorization: Basic bWU6c2VjcmV0\r\n";  // me:secret

TEST_F(HttpRoads, ANameAndAPasswordAreForTheServerOfTheUrlAlone) {
    answer_on(80, {redirect("/there"), redirect("http://10.0.0.2:81/other")});
    answer_on(81, {redirect("http://10.0.0.2/back")});
    EXPECT_TRUE(fetched("http://me:secret@10.0.0.2/f").contains("10.0.0.2"));
    ASSERT_EQ(asked.size(), 3u);
    EXPECT_TRUE(was_asked(0, me) && was_asked(1, me)) << "the same server";
    EXPECT_FALSE(was_asked(2, "Authorization")) << "another port is another's";
    EXPECT_FALSE(was_asked(0, "secret"));
}

TEST_F(HttpRoads, BackAtTheServerTheyAreSaidAgain) {
    answer_on(80, {redirect("http://10.0.0.2:81/other"), hello});
    answer_on(81, {redirect("http://10.0.0.2/back")});
    EXPECT_EQ(fetched("http://me:secret@10.0.0.2/f"), "hello");
    EXPECT_TRUE(was_asked(2, me));
}

TEST_F(HttpRoads, NetrcKnowsWhomTheUrlDoesNotName) {
    http_options.netrc = Netrc::parse("machine 10.0.0.2 login me password secret");
    answer_on(80, {hello, hello, hello});
    EXPECT_EQ(fetched("http://10.0.0.2/f"), "hello");
    EXPECT_EQ(fetched("http://me@10.0.0.2/f"), "hello");
    EXPECT_EQ(fetched("http://you@10.0.0.2/f"), "hello");
    EXPECT_TRUE(was_asked(0, me) && was_asked(1, me));
    EXPECT_TRUE(was_asked(2, "Authorization: Basic eW91Og==\r\n")) << "you, without a password";
}

TEST_F(HttpRoads, APasswordIsNeverTold) {
    answer_on(80, {"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n", redirect("ftp://me:secret@10.0.0.9/")});
    const std::string refused = fetched("http://me:secret@10.0.0.2/f");
    EXPECT_TRUE(refused.contains("401")) << refused;
    EXPECT_FALSE(refused.contains("secret")) << refused;
    const std::string elsewhere = fetched("http://10.0.0.2/f");
    EXPECT_TRUE(elsewhere.contains("10.0.0.9/")) << elsewhere;
    EXPECT_FALSE(elsewhere.contains("secret")) << elsewhere;
}

TEST_F(HttpRoads, AProxyIsAskedForTheWholeUrl) {
    by("http_proxy", "http://p:q@10.0.0.2:3128");
    answer_on(3128, {hello});
    EXPECT_EQ(fetched("http://me:secret@far.test/f?x"), "hello");
    EXPECT_TRUE(was_asked(0, "3128 GET http://far.test/f?x HTTP/1.1\r\nHost: far.test\r\n")) << asked[0];
    EXPECT_TRUE(was_asked(0, "Proxy-Authorization: Basic cDpx\r\n"));
    EXPECT_TRUE(was_asked(0, me));
}

TEST_F(HttpRoads, WhatIsWrongWithAProxyIsSaidOfIt) {
    by("http_proxy", "10.0.0.2:3129");
    EXPECT_TRUE(fetched("http://far.test/f").contains("the proxy 10.0.0.2:3129: Connection refused"));
    by("http_proxy", "socks4://x:secret@10.0.0.2");
    const std::string unknown = fetched("http://far.test/f");
    EXPECT_TRUE(unknown.contains("'socks4://...@10.0.0.2' as the proxy")) << unknown;
    by("http_proxy", "10.0.0.2:3128");
    answer_on(3128, {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"});
    EXPECT_TRUE(fetched("http://far.test/f").contains("(407)"));
}

// A proxy that carries: it answers CONNECT, and TLS passes through it.
struct HttpTunnel : HttpRoads {
    HttpTunnel() {
        strata::test::write_certificate(folder.path(), "server", {.names = "DNS:far.test"});
        http_options.tls = presentation::TlsClient({.authorities = folder.path() / "server.pem"});
        by("https_proxy", "http://p:q@10.0.0.2:3128");
    }
    awaitable<void> carry(std::string answer, std::string sent_behind) {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 3128});
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        std::string request;
        co_await asio::async_read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", use_awaitable);
        asked.push_back(request);
        const std::string all = answer + sent_behind;
        co_await asio::async_write(stream, asio::buffer(all), use_awaitable);
        const presentation::TlsServer tls(folder.path() / "server.pem", folder.path() / "server.key");
        Stream secured = tls.over(std::move(stream));
        request.clear();
        co_await asio::async_read_until(secured, asio::dynamic_buffer(request), "\r\n\r\n", use_awaitable);
        asked.push_back(request);
        co_await asio::async_write(secured, asio::buffer(hello), use_awaitable);
    }
    std::string fetched_by(const std::string& answer, const std::string& sent_behind = "") {
        asio::co_spawn(lab.io(), carry(answer, sent_behind), [](std::exception_ptr) {});
        return fetched("https://me:secret@far.test/f");
    }
};

TEST_F(HttpTunnel, LeadsToTheServer) {
    EXPECT_EQ(fetched_by("HTTP/1.1 200 Connection established\r\n\r\n"), "hello");
    ASSERT_EQ(asked.size(), 2u);
    EXPECT_TRUE(was_asked(0, "CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n"));
    EXPECT_TRUE(was_asked(0, "Proxy-Authorization: Basic cDpx\r\n"));
    EXPECT_FALSE(was_asked(0, "Basic bWU6")) << "the server's password is not the proxy's";
    EXPECT_TRUE(was_asked(1, "GET /f HTTP/1.1\r\nHost: far.test\r\n") && was_asked(1, me));
    EXPECT_FALSE(was_asked(1, "Proxy-Authorization")) << "nor the other way round";
}

TEST_F(HttpTunnel, MayBeRefused) {
    EXPECT_TRUE(fetched_by("HTTP/1.1 403 Forbidden\r\n\r\n").contains("the proxy answered 403 Forbidden"));
}
TEST_F(HttpTunnel, MayWantAPassword) {
    EXPECT_TRUE(fetched_by("HTTP/1.1 407 Who\r\n\r\n").contains("name and a password (407)"));
}
TEST_F(HttpTunnel, CarriesNothingOfTheProxysOwn) {
    EXPECT_TRUE(fetched_by("HTTP/1.1 200 OK\r\n\r\n", "injected").contains("the proxy speaks where the server should"));
}
TEST_F(HttpTunnel, IsNoReasonToTrustAnybody) {
    http_options.tls = presentation::TlsClient();
    const std::string refused = fetched_by("HTTP/1.1 200 OK\r\n\r\n");
    EXPECT_TRUE(refused.contains("certificate is not good")) << refused;
    EXPECT_TRUE(refused.contains("--cacert")) << refused;
}

// SOCKS 5: each side's bytes, one exchange after the other.
struct HttpSocks : HttpRoads {
    std::string said;  // by the client
    std::string fetched_by(const std::string& proxy, std::vector<std::pair<std::size_t, std::string>> steps) {
        by("all_proxy", proxy);
        const auto carry = [this](std::vector<std::pair<std::size_t, std::string>> all) -> awaitable<void> {
            session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 1080});
            Stream stream = co_await acceptor.async_accept(use_awaitable);
            for (const auto& [count, answer] : all) {
                std::string bytes(count, 0);
                co_await asio::async_read(stream, asio::buffer(bytes), use_awaitable);
                said += bytes;
                co_await asio::async_write(stream, asio::buffer(answer), use_awaitable);
            }
            std::string request;
            co_await asio::async_read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", use_awaitable);
            asked.push_back(request);
            co_await asio::async_write(stream, asio::buffer(hello), use_awaitable);
        };
        asio::co_spawn(lab.io(), carry(std::move(steps)), [](std::exception_ptr) {});
        return fetched("http://far.test:81/f");
    }
};

const std::string from_ipv4("\5\0\0\1\12\0\0\2\0\120", 10);

TEST_F(HttpSocks, AsksForANameAndSpeaksToTheServer) {
    EXPECT_EQ(fetched_by("socks5h://10.0.0.2", {{3, std::string("\5\0", 2)}, {15, from_ipv4}}), "hello");
    EXPECT_EQ(said, std::string("\5\1\0", 3) + std::string("\5\1\0\3\10far.test\0\121", 15));
    EXPECT_TRUE(was_asked(0, "GET /f HTTP/1.1\r\nHost: far.test:81\r\n"));
}
TEST_F(HttpSocks, SaysWhoAsks) {
    const std::string from_name("\5\0\0\3\1x\0\120", 8);
    EXPECT_EQ(fetched_by("socks5h://p:q@10.0.0.2", {{4, "\5\2"}, {5, std::string("\1\0", 2)}, {15, from_name}}),
              "hello");
    EXPECT_EQ(said.substr(0, 9), std::string("\5\2\0\2\1\1p\1q", 9));
}
TEST_F(HttpSocks, HearsWhyNot) {
    EXPECT_TRUE(fetched_by("socks5h://10.0.0.2", {{3, std::string("\5\0", 2)}, {15, std::string("\5\5\0\1", 4)}})
                    .contains("the server refused the proxy's connection"));
}
TEST_F(HttpSocks, OfAnotherKindIsNone) {
    EXPECT_TRUE(fetched_by("socks5h://10.0.0.2", {{3, "HTTP"}}).contains("does not speak SOCKS 5"));
}
TEST_F(HttpSocks, WantsAPassword) {
    EXPECT_TRUE(fetched_by("socks5h://10.0.0.2", {{3, "\5\xff"}}).contains("wants a name and a password"));
}
TEST_F(HttpSocks, DoesNotTakeThatPassword) {
    EXPECT_TRUE(fetched_by("socks5h://p:q@10.0.0.2", {{4, "\5\2"}, {5, "\1\1"}}).contains("does not take"));
}
TEST_F(HttpSocks, LooksUpHereWhatItIsToldToo) {
    EXPECT_TRUE(fetched_by("socks5://10.0.0.2", {{3, std::string("\5\0", 2)}}).contains("ost not found"));
}

TEST_F(HttpRoads, AServerThatIsBusyIsAskedAgainAndWhatCameIsKept) {
    retries = {.retries_max = 3};
    answer_on(80,
              {"HTTP/1.1 503 Busy\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n",
               "HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Length: 10\r\n\r\n01234",
               "HTTP/1.1 206 Partial\r\nETag: \"a\"\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n56789"});
    EXPECT_EQ(fetched("http://10.0.0.2/f"), "0123456789");
    EXPECT_GE(took, 22s);
    EXPECT_LT(took, 23s);
    EXPECT_TRUE(was_asked(2, "Range: bytes=5-\r\nIf-Range: \"a\"\r\n"));
    ASSERT_EQ(notices.size(), 2u);
    EXPECT_TRUE(notices[0].contains("503 Busy") && notices[0].contains("follows in 20 s")) << notices[0];
}

TEST_F(HttpRoads, AServerThatIsBusyForAgesIsNotWaitedFor) {
    retries = {.retries_max = 3};
    for (const std::string when : {"301", "99999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"}) {
        answer_on(80, {"HTTP/1.1 429 Slow\r\nRetry-After: " + when + "\r\nContent-Length: 0\r\n\r\n"});
        EXPECT_TRUE(fetched("http://10.0.0.2/f").contains("429 Slow")) << when;
        EXPECT_LT(took, 1s) << when;
    }
    EXPECT_EQ(asked.size(), 3u);
}

// What is encoded in a host's name must not become a line of the request.
TEST_F(HttpRoads, ANameOfAHostIsNothingElse) {
    by("http_proxy", "10.0.0.2:3128");
    for (const std::string host : {"a%0d%0aX%3ay", "a%2fb", "a%20b", "a%40b", "a%3a80", "%00", "a%0ab"}) {
        answer_on(3128, {hello});
        ASSERT_TRUE(parse_url("http://" + host + "/f")) << host;
        const std::string refused = fetched("http://" + host + "/f");
        EXPECT_TRUE(refused.contains("no name of a host")) << host << ": " << refused;
    }
    EXPECT_TRUE(asked.empty());
}

TEST_F(HttpRoads, WhatWillNotPassIsNotTriedAgain) {
    retries = {.retries_max = 3};
    answer_on(80, {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", hello});
    EXPECT_TRUE(fetched("http://10.0.0.2/f").contains("404"));
    EXPECT_EQ(asked.size(), 1u);
}

TEST_F(HttpRoads, AnswersOfOldServersAreTaken) {
    for (const std::string answer :
         {"HTTP/1.0 200 OK\nServer: old\n\nhello", "HTTP/1.1 200\r\nContent-Length : 5\r\n\r\nhello",
          "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n", "HTTP/1.1 203 Changed\r\n\r\nhello"}) {
        answer_on(80, {answer});
        EXPECT_EQ(fetched("http://10.0.0.2/f"), "hello") << answer;
    }
    const auto speak_first = [this]() -> awaitable<void> {
        session::Acceptor acceptor = server.network().listen(Address{Ipv4Address{}, 22});
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        co_await asio::async_write(stream, asio::buffer("SSH-2.0-x\r\n", 11), use_awaitable);
        std::string rest;
        session::error_code error;
        co_await asio::async_read(stream, asio::dynamic_buffer(rest), asio::redirect_error(use_awaitable, error));
    };
    asio::co_spawn(lab.io(), speak_first(), [](std::exception_ptr) {});
    EXPECT_TRUE(fetched("http://10.0.0.2:22/f").contains("not HTTP"));
    EXPECT_LT(took, 1s) << "and is not waited for";
    answer_on(80, {"HTTP/1.0 200 OK\r\nServer: old\r\n"});
    EXPECT_EQ(fetched("http://10.0.0.2/f"), "") << "a head alone is an empty file";
    for (const std::string answer : {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n", "HTTP/1.0 200 OK\r\nServ",
                                     "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"}) {
        answer_on(80, {answer});
        EXPECT_TRUE(fetched("http://10.0.0.2/f").contains("too early")) << answer;
    }
}

TEST_F(HttpRoads, AHeadHasABound) {
    const auto with_head_of = [](std::size_t size) {
        const std::string begin = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: ", end = "\r\n\r\n";
        return begin + std::string(size - begin.size() - end.size(), 'x') + end + "hello";
    };
    answer_on(80, {with_head_of(64 << 10), with_head_of((64 << 10) + 1)});
    EXPECT_EQ(fetched("http://10.0.0.2/f"), "hello");
    EXPECT_TRUE(fetched("http://10.0.0.2/f").contains("header is too long"));
    answer_on(80, {"HTTP/1.1 200 OK\r\nX: " + std::string(200'000, 'x')});
    EXPECT_TRUE(fetched("http://10.0.0.2/f").contains("header is too long")) << "nor is its end waited for";
}

TEST_F(HttpRoads, TheFileHasTheServersDate) {
    answer_on(80,
              {"HTTP/1.1 200 OK\r\nLast-Modified: Mon, 02 Feb 2026 00:00:00 GMT\r\nContent-Length: 5\r\n\r\nhello"});
    EXPECT_EQ(fetched("http://10.0.0.2/f"), "hello");
    const auto date = std::chrono::file_clock::to_sys(std::filesystem::last_write_time(folder.path() / "got"));
    EXPECT_EQ(date, std::chrono::sys_days{std::chrono::year{2026} / 2 / 2});
}

TEST_F(HttpRoads, TakesNoMoreThanItsPace) {
    client_options.rate_limit = 100'000;
    serve();
    EXPECT_TRUE(fetched("http://10.0.0.2/big.bin") == big_text());
    EXPECT_EQ(reports.back().status, 200u);
    EXPECT_GE(took, 10s);
    EXPECT_LT(took, 11s);
}

}  // namespace
}  // namespace strata::application::http
