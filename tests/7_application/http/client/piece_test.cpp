// Pieces of a file by range, from our server and from those that answer something else.
#include <boost/asio/read_until.hpp>

#include "strata/7_application/http/client/remote/remote.hpp"
#include "strata/7_application/remote/parts/parts.hpp"
#include "tests/7_application/http/served.hpp"

namespace strata::application::http {
namespace {

using namespace test;

struct HttpPieces : HttpServer {
    std::unique_ptr<Remote> make() {
        const Url url = parse_url("http://10.0.0.2/").value();
        return std::make_unique<HttpRemote>(client.network(), url, options);
    }
    std::string get(const std::string& target, const PartsOptions& parts) {
        const auto remote = make();
        OutputFile out(folder.path() / "got", {.force = true});
        MakeRemote another = [this] { return make(); };
        const std::string failure = failure_of(read_in_parts(*remote, std::move(another), target, out, {}, parts), 1h);
        if (failure.empty()) out.commit();
        return failure;
    }
    // To a request for the bytes 10 to 19 of a file of 30 with the tag "a", this answer; what was
    // taken of it, or what failed.
    std::string piece(const std::string& answer) {
        const auto remote = make();
        std::string taken;
        Remote::Take take = [&taken](Bytes bytes) { taken += text_from(bytes); };
        asio::co_spawn(lab.io(), play(answer), [](std::exception_ptr) {});
        const std::string failure =
            failure_of(remote->read_piece("/f", {"\"a\"", "", 30}, {.first = 10, .end = 20}, std::move(take)), 1h);
        return failure.empty() ? taken : failure;
    }
    static std::string text_from(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    asio::awaitable<void> play(std::string answer) {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 80});
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        asked.clear();
        co_await asio::async_read_until(stream, asio::dynamic_buffer(asked), "\r\n\r\n", use_awaitable);
        co_await asio::async_write(stream, asio::buffer(answer), use_awaitable);
    }

    RemoteOptions options;
    std::string asked;
};

TEST_F(HttpPieces, ComeAtOnceAndAreWhole) {
    serve();
    EXPECT_EQ(get("/big.bin", {.at_once = 3, .least = 1 << 16}), "");
    EXPECT_TRUE(folder.read("got") == big_text());
    const auto partial = std::ranges::count(reports, 206u, &RequestReport::status);
    EXPECT_EQ(partial, 3);
    reports.clear();
    EXPECT_EQ(get("/hello.txt", {.at_once = 3, .least = 1 << 16}), "");
    EXPECT_EQ(folder.read("got"), "hello, world\n");
    EXPECT_EQ(reports.back().status, 200u);
}

TEST_F(HttpPieces, AnAnswerIsAPieceOnlyIfItSaysSo) {
    const std::string fields = "Content-Length: 10\r\nETag: \"a\"\r\nContent-Range: bytes 10-19/30\r\n\r\nabcdefghij";
    EXPECT_EQ(piece("HTTP/1.1 206 Partial Content\r\n" + fields), "abcdefghij");
    EXPECT_NE(asked.find("Range: bytes=10-19\r\nIf-Range: \"a\"\r\n"), std::string::npos) << asked;
    EXPECT_NE(piece("HTTP/1.1 200 OK\r\n" + fields).find("in pieces"), std::string::npos);
    for (const auto& [was, is] :
         std::vector<std::pair<std::string, std::string>>{{"10-19/30", "10-18/30"},
                                                          {"10-19/30", "9-19/30"},
                                                          {"10-19/30", "10-19/31"},
                                                          {"10-19/30", "10-19/*"},
                                                          {"\"a\"", "\"b\""},
                                                          {"Content-Length: 10", "Content-Length: 11"},
                                                          {"ETag: \"a\"\r\n", ""}}) {
        std::string wrong = fields;
        wrong.replace(wrong.find(was), was.size(), is);
        EXPECT_NE(piece("HTTP/1.1 206 Partial Content\r\n" + wrong).find("in pieces"), std::string::npos) << is;
    }
    EXPECT_NE(piece("HTTP/1.1 206 Partial Content\r\n" + fields.substr(0, fields.size() - 3)).find("--resume"),
              std::string::npos);
    EXPECT_NE(piece("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").find("404"), std::string::npos);
}

}  // namespace
}  // namespace strata::application::http
