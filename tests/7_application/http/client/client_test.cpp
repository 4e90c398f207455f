// The HTTP client: whole or not at all, against our server and
// against answers that were written for it.
#include <boost/asio/read_until.hpp>

#include "strata/7_application/http/client/client.hpp"
#include "tests/7_application/http/served.hpp"

namespace strata::application::http {
namespace {

using namespace test;

struct HttpClient : HttpServer {
    std::string fetch_to(const std::string& name, const std::string& url, OutputOptions options = {},
                         ClientOptions client_options = {}) {
        OutputFile out(folder.path() / name, options);
        return failure_of(fetch_whole(parse_url(url).value(), out, client_options), 1h);
    }
    asio::awaitable<void> fetch_whole(Url url, OutputFile& out, ClientOptions options) {
        co_await http::fetch(client.network(), url, out, {}, options);
        out.commit();
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

// A server that gives, to one request after the other, answers that
// were written for it; and what it was asked.
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
        ClientOptions options;
        options.on_notice = [this](const std::string& notice) { notices.push_back(notice); };
        const std::string failure = fetch_to("got", "http://10.0.0.2/f", {.resume = true, .force = true}, options);
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

TEST_F(HttpResume, InterimAnswersAreSkipped) {
    EXPECT_EQ(resumed("", {"100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 " + all()}),
              anew);
    std::string many;
    for (int i = 0; i < 17; ++i) many += "102 Processing\r\n\r\nHTTP/1.1 ";
    EXPECT_TRUE(resumed("", {many + all()}).contains("never with the file"));
}

TEST_F(HttpResume, ACodingThatIsNotKnownIsNoFile) {
    for (const std::string coding : {"gzip", "gzip, chunked", "identity", "chunked\r\nTransfer-Encoding: chunked"}) {
        const std::string failure =
            resumed("", {"200 OK\r\nTransfer-Encoding: " + coding + "\r\n\r\n" + std::string(whole)});
        EXPECT_TRUE(failure.starts_with("cannot fetch ")) << coding << failure;
    }
}

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
             std::string("400 Bad Request\r\nContent-Length: 0\r\n\r\n"),  // webfs, of a range behind the end
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
        begin(fetch_whole(parse_url("http://10.0.0.2/huge.bin").value(), out, {}), failure);
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

// RFC 9110 8.8.2.2: a file that was changed in this second may change again in it.
TEST_F(HttpResume, ADateOfThisSecondIsNotRemembered) {
    const auto version_after = [&](const std::string& said) {
        asio::co_spawn(lab.io(),
                       play({"200 OK\r\nDate: " + said + "\r\nLast-Modified: " + date +
                             "\r\nContent-Length: 20\r\n\r\n0123456789"}),
                       [](std::exception_ptr) {});
        EXPECT_NE(fetch_to("dated", "http://10.0.0.2/f"), "");
        const std::string version = folder.read("dated.part.version");
        std::filesystem::remove(folder.path() / "dated.part");
        std::filesystem::remove(folder.path() / "dated.part.version");
        return version;
    };
    EXPECT_EQ(version_after(date), "");
    EXPECT_EQ(version_after("not a date"), "");
    EXPECT_EQ(version_after("Mon, 02 Feb 2026 00:00:01 GMT"), "\n" + date + "\n20\n");
}

TEST_F(HttpResume, WhatIsKeptIsSaidAndNothingElse) {
    asio::co_spawn(lab.io(), play({"200 OK\r\nContent-Length: 20\r\n\r\n", "200 OK\r\nContent-Length: 20\r\n\r\n012"}),
                   [](std::exception_ptr) {});
    const std::string nothing = fetch_to("kept", "http://10.0.0.2/f");
    EXPECT_NE(nothing.find("nothing is kept"), std::string::npos) << nothing;
    const std::string something = fetch_to("kept", "http://10.0.0.2/f");
    EXPECT_NE(something.find("--resume"), std::string::npos) << something;
}

}  // namespace
}  // namespace strata::application::http
