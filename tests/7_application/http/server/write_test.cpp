// PUT, DELETE and MKCOL: who may, what is there afterwards, and what is left of what broke off.
#include <limits>

#include "strata/7_application/http/server/writing/changes.hpp"
#include "tests/7_application/http/served.hpp"

namespace strata::application::http {
namespace {

using namespace test;
using std::filesystem::exists;

struct HttpWriting : HttpServer {
    // Nothing waits for a disk: a thread knows no virtual time.
    void serve_with(FileRights rights, ServerOptions options = {}, std::uint64_t keep_free = 0) {
        root = *FileRoot::open(folder.path(), {.rights = rights, .keep_free = keep_free});
        options.puts.sync = false;
        serve(options);
    }
    static std::string head(const std::string& line, const std::string& fields) {
        return line + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
    }
    // The status of what comes back.
    std::string ask(const std::string& line, const std::string& fields = "", const std::string& content = "") {
        if (!http) serve_with(FileRights::all);
        const bool sized = !content.empty() && fields.find("Transfer") == std::string::npos;
        const std::string length = sized ? "Content-Length: " + std::to_string(content.size()) + "\r\n" : "";
        answer = exchange(head(line, fields + length + "Connection: close\r\n") + content);
        return answer.empty() ? "" : answer.substr(9, 3);
    }
    // Files that are there, temporaries included.
    [[nodiscard]] std::size_t files() const {
        std::size_t count = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
            count += entry.is_regular_file() ? 1 : 0;
        return count;
    }
    std::string answer;
};

TEST_F(HttpWriting, AFileIsPut) {
    EXPECT_EQ(ask("PUT /new.txt", "", "hello"), "201");
    EXPECT_EQ(folder.read("new.txt"), "hello");
    const std::string tag = field(answer, "ETag");
    EXPECT_EQ(field(get("/new.txt"), "ETag"), tag);
    EXPECT_EQ(ask("PUT /new.txt", "", "other"), "204");
    EXPECT_EQ(body(get("/new.txt")), "other");
    EXPECT_NE(field(answer, "ETag"), tag);
    EXPECT_EQ(ask("PUT /none", "Content-Length: 0\r\n"), "201");
    EXPECT_EQ(ask("PUT /hello.txt"), "411") << "an empty file is not meant";
    EXPECT_EQ(exchange("PUT /hello.txt HTTP/1.0\r\n\r\nuntil the end").substr(9, 3), "411");
    EXPECT_EQ(folder.read("hello.txt"), "hello, world\n");
    EXPECT_TRUE(exists(folder.path() / "none"));
    EXPECT_EQ(ask("PUT /sub/%E6%96%87%20%23%25%0A?query", "", "x"), "201");
    EXPECT_EQ(folder.read("sub/文 #%\n"), "x");
    EXPECT_EQ(reports.front().received, 5u);
    EXPECT_EQ(reports.front().status, 201u);
}

TEST_F(HttpWriting, AFileIsPutInChunks) {
    EXPECT_EQ(ask("PUT /a", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nT: x\r\n\r\n"),
              "201");
    EXPECT_EQ(folder.read("a"), "hello, world");
    EXPECT_EQ(ask("PUT /b", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\nnonsense\r\n"), "400");
    EXPECT_EQ(ask("PUT /b", "Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n"), "") << "it never ended";
    EXPECT_FALSE(exists(folder.path() / "b"));
}

TEST_F(HttpWriting, ALargeOneArrivesToTheByte) {
    const std::string text = big_text() + big_text() + big_text();
    EXPECT_EQ(ask("PUT /large", "", text), "201");
    EXPECT_EQ(folder.read("large"), text);
}

TEST_F(HttpWriting, NobodyMayWhereNothingIsSaid) {
    serve_with(FileRights::read);
    for (const char* method : {"PUT", "DELETE", "MKCOL"}) {
        EXPECT_EQ(ask(std::string(method) + " /hello.txt"), "405") << method;
        EXPECT_EQ(field(answer, "Allow"), "GET, HEAD, OPTIONS");
    }
    EXPECT_EQ(ask("OPTIONS /"), "204");
    EXPECT_EQ(field(answer, "Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(folder.read("hello.txt"), "hello, world\n");
}

TEST_F(HttpWriting, WhoMayAddReplacesNothing) {
    serve_with(FileRights::add);
    EXPECT_EQ(ask("OPTIONS /"), "204");
    EXPECT_EQ(field(answer, "Allow"), "GET, HEAD, OPTIONS, PUT, MKCOL");
    EXPECT_EQ(ask("PUT /new", "", "x"), "201");
    EXPECT_EQ(ask("PUT /new", "", "y"), "403");
    EXPECT_EQ(ask("PUT /hello.txt", "If-None-Match: *\r\n", "y"), "403") << "RFC 9110 13.2.1";
    EXPECT_EQ(ask("DELETE /new"), "403");
    EXPECT_EQ(ask("MKCOL /folder"), "201");
    EXPECT_EQ(folder.read("new"), "x");
    EXPECT_EQ(folder.read("hello.txt"), "hello, world\n");
}

TEST_F(HttpWriting, NamesThatCannotBeWritten) {
    std::filesystem::create_directory_symlink("/tmp", folder.path() / "out");
    const std::pair<const char*, const char*> names[] = {
        {"/", "403"},           {"/../x", "201"}, {"/sub/", "400"},      {"/sub", "409"},
        {"/.hidden", "403"},    {"/.x/y", "403"}, {"/missing/x", "409"}, {"/hello.txt/x", "409"},
        {"/out/strata", "403"}, {"/%zz", "400"},  {"/a%00b", "400"},     {"/.strata-upload-x", "403"},
    };
    for (const auto& [name, status] : names) EXPECT_EQ(ask("PUT " + std::string(name), "", "x"), status) << name;
    EXPECT_EQ(ask("PUT /" + std::string(256, 'n'), "", "x"), "400");
    EXPECT_EQ(ask("PUT /" + std::string(255, 'n'), "", "x"), "201");
    EXPECT_EQ(folder.read("x"), "x") << "above the root there is nothing (RFC 3986 5.2.4)";
    EXPECT_FALSE(exists("/tmp/strata"));
}

TEST_F(HttpWriting, ConditionsAreKept) {
    const std::string tag = field(get("/hello.txt"), "ETag");
    http.reset();
    serve_with(FileRights::all);
    EXPECT_EQ(ask("PUT /hello.txt", "If-None-Match: *\r\n", "x"), "412");
    EXPECT_EQ(ask("PUT /hello.txt", "If-None-Match: " + tag + "\r\n", "x"), "412");
    EXPECT_EQ(ask("PUT /hello.txt", "If-Match: \"other\"\r\n", "x"), "412");
    EXPECT_EQ(ask("PUT /hello.txt", "If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT\r\n", "x"), "412");
    EXPECT_EQ(ask("PUT /new", "If-Match: *\r\n", "x"), "412");
    EXPECT_EQ(ask("DELETE /hello.txt", "If-Match: \"other\"\r\n"), "412");
    EXPECT_EQ(folder.read("hello.txt"), "hello, world\n");
    EXPECT_EQ(ask("PUT /hello.txt", "If-Match: " + tag + "\r\n", "new"), "204");
    EXPECT_EQ(ask("PUT /hello.txt", "If-Match: " + tag + "\r\n", "late"), "412");
    EXPECT_EQ(ask("PUT /new", "If-None-Match: *\r\n", "x"), "201");
    // Of no meaning here (RFC 9110 13.1.3).
    EXPECT_EQ(ask("PUT /new", "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT\r\n", "y"), "204");
    EXPECT_EQ(folder.read("hello.txt") + folder.read("new"), "newy");
}

TEST_F(HttpWriting, WhatIsNoWholeFileIsNotTaken) {
    EXPECT_EQ(ask("PUT /a", "Content-Range: bytes 0-1/2\r\n", "ab"), "400");
    EXPECT_EQ(ask("PUT /a", "Content-Encoding: gzip\r\n", "ab"), "415");
    EXPECT_FALSE(exists(folder.path() / "a"));
}

TEST_F(HttpWriting, WhatIsToBeFreeIsLeft) {
    serve_with(FileRights::all, {}, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(ask("PUT /a", "", "x"), "507");
    EXPECT_EQ(ask("MKCOL /b"), "507");
    EXPECT_EQ(ask("PUT /hello.txt", "", "x"), "507");
    EXPECT_EQ(folder.read("hello.txt"), "hello, world\n");
}

TEST_F(HttpWriting, FilesAreBounded) {
    ServerOptions options;
    options.puts.size_max = 10;
    serve_with(FileRights::all, options);
    EXPECT_EQ(ask("PUT /a", "", "0123456789"), "201");
    EXPECT_EQ(ask("PUT /b", "", "0123456789a"), "413");
    EXPECT_EQ(ask("PUT /b", "Transfer-Encoding: chunked\r\n", "b\r\n0123456789a\r\n0\r\n\r\n"), "413");
    EXPECT_EQ(ask("PUT /c", "Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n0\r\n\r\n"), "201");
    EXPECT_EQ(ask("PUT /b", "Content-Length: 18446744073709551615\r\n"), "413");
    EXPECT_FALSE(exists(folder.path() / "b"));
}

TEST_F(HttpWriting, SomethingIsRemoved) {
    EXPECT_EQ(ask("DELETE /sub/"), "409") << "it is not empty";
    EXPECT_EQ(ask("DELETE /hello.txt/"), "404");
    EXPECT_EQ(ask("DELETE /missing"), "404");
    EXPECT_EQ(ask("DELETE /"), "403");
    EXPECT_EQ(ask("DELETE /hello.txt"), "204");
    EXPECT_EQ(ask("DELETE /hello.txt"), "404");
    EXPECT_EQ(ask("DELETE /sub/%E8%AF%B4%E6%98%8E.txt"), "204");
    EXPECT_EQ(ask("DELETE /sub/"), "204");
    EXPECT_FALSE(exists(folder.path() / "sub"));
}

TEST_F(HttpWriting, AFolderIsMade) {
    EXPECT_EQ(ask("MKCOL /a/"), "201");
    EXPECT_EQ(ask("MKCOL /a/b"), "201");
    EXPECT_EQ(ask("MKCOL /a"), "405") << "RFC 4918 9.3.1";
    EXPECT_EQ(field(answer, "Allow"), "GET, HEAD, OPTIONS, PUT, MKCOL, DELETE");
    EXPECT_EQ(ask("MKCOL /x/y"), "409");
    EXPECT_EQ(ask("MKCOL /c", "", "<xml/>"), "415");
    EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "a/b"));
}

// A client that waits with the body is asked for it only where it will be taken.
TEST_F(HttpWriting, ABodyIsAskedFor) {
    serve_with(FileRights::all);
    const std::string expects = "Expect: 100-continue\r\nContent-Length: 5\r\n";
    std::string heard;
    const auto ask_first = [&](std::string target, std::string& into) -> asio::awaitable<void> {
        Stream stream = co_await client.network().async_connect(Address{Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable);
        const std::string request = head("PUT " + target, expects);
        co_await asio::async_write(stream, asio::buffer(request), use_awaitable);
        std::string some(200, '\0');
        const std::size_t count = co_await stream.async_read_some(asio::buffer(some), use_awaitable);
        into = some.substr(0, count);
        if (!into.starts_with("HTTP/1.1 100 ")) co_return;
        const std::string content = "hello";
        co_await asio::async_write(stream, asio::buffer(content), use_awaitable);
        const std::size_t more = co_await stream.async_read_some(asio::buffer(some), use_awaitable);
        into += some.substr(0, more);
    };
    EXPECT_EQ(failure_of(ask_first("/new", heard), 1min), "");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 ")) << heard;
    EXPECT_EQ(folder.read("new"), "hello");
    EXPECT_EQ(failure_of(ask_first("/missing/new", heard), 1min), "");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 409 ")) << heard;
    EXPECT_NE(heard.find("Connection: close"), std::string::npos);
}

// What is behind a body is the next request, and never the body of one that was refused.
TEST_F(HttpWriting, RequestsBehindBodies) {
    serve_with(FileRights::all, {.body_max = 1000});
    const auto put = [](const std::string& name, const std::string& content, const std::string& fields = "") {
        return head("PUT /" + name, fields + "Content-Length: " + std::to_string(content.size()) + "\r\n") + content;
    };
    const std::string last = head("GET /hello.txt", "Connection: close\r\n");
    answer = exchange(put("a", "one") + put("missing/b", "two") + put("c", "three") + last);
    EXPECT_EQ(folder.read("a") + folder.read("c"), "onethree");
    std::size_t answers = 0;
    for (std::size_t at = 0; (at = answer.find("HTTP/1.1 ", at)) != std::string::npos; ++at) ++answers;
    EXPECT_EQ(answers, 4u) << answer;
    EXPECT_TRUE(answer.ends_with("hello, world\n"));
    // Too long to be thrown away: the connection ends.
    answer = exchange(put("missing/b", std::string(2000, 'x')) + last);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 409 ")) << answer;
    EXPECT_EQ(answer.find("hello"), std::string::npos);
    // Nor is it read where the client has not been asked for it, or
    // may have sent a request instead.
    answer = exchange(put("missing/b", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", "Expect: 100-continue\r\n") + last);
    EXPECT_EQ(answer.find("200 OK"), std::string::npos) << answer;
    // What says two lengths is not believed in any.
    answer = exchange(head("PUT /d", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
    EXPECT_FALSE(exists(folder.path() / "d"));
}

TEST_F(HttpWriting, OfWhatBreaksOffNothingIsLeft) {
    serve_with(FileRights::all, {.patience = {.stall_timeout = 9s}});
    const std::size_t before = files();
    const std::string half = head("PUT /hello.txt", "Content-Length: 1000\r\n") + "half";
    EXPECT_EQ(exchange(half), "") << "the client left";
    EXPECT_EQ(reports.back().status, 0u);
    EXPECT_EQ(reports.back().received, 4u);
    EXPECT_EQ(reports.back().ending, Ending::by_client);
    EXPECT_TRUE(exchange(half, false).starts_with("HTTP/1.1 408 ")) << "it fell silent";
    EXPECT_EQ(files(), before);
    EXPECT_EQ(folder.read("hello.txt"), "hello, world\n");
    EXPECT_EQ(http->active(), 0u);
}

// A byte now and then is not silence, and not enough.
TEST_F(HttpWriting, WhoSendsTooSlowlyIsEnded) {
    serve_with(FileRights::all, {.patience = {.stall_timeout = 20s, .rate_min = 100, .rate_over = 60s}});
    std::string heard;
    const auto drip = [&](std::size_t bytes) -> asio::awaitable<void> {
        Stream stream = co_await client.network().async_connect(Address{Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable);
        const std::string request = head("PUT /slow", "Content-Length: 10000\r\nConnection: close\r\n");
        co_await asio::async_write(stream, asio::buffer(request), use_awaitable);
        session::Timer timer = client.network().make_timer();
        session::error_code error;
        const std::string some(bytes, 'x');
        for (std::size_t sent = 0; sent < 10000 && !error; sent += bytes) {
            timer.expires_after(10s);
            co_await timer.async_wait(use_awaitable);
            co_await asio::async_write(stream, asio::buffer(some), asio::redirect_error(use_awaitable, error));
        }
        heard.clear();
        co_await asio::async_read(stream, asio::dynamic_buffer(heard), asio::redirect_error(use_awaitable, error));
    };
    EXPECT_EQ(failure_of(drip(10), 1h), "");
    EXPECT_FALSE(exists(folder.path() / "slow"));
    EXPECT_EQ(reports.back().status, 408u);
    EXPECT_EQ(failure_of(drip(2000), 1h), "");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 201 ")) << heard;
}

// A server that is stopped lets what arrives arrive, for as long as it is let.
TEST_F(HttpWriting, AStoppedServerKeepsNoHalf) {
    serve_with(FileRights::all);
    std::string heard;
    const std::string half = head("PUT /half", "Content-Length: 1000\r\n") + "half";
    asio::co_spawn(lab.io(), converse(client.network(), half, false, heard), [](std::exception_ptr) {});
    lab.run_for(1s);
    http->stop();
    lab.run_for(1s);
    EXPECT_EQ(http->active(), 1u);
    http->abort();
    lab.run_for(1s);
    EXPECT_EQ(http->active(), 0u);
    EXPECT_FALSE(exists(folder.path() / "half"));
}

// With If-None-Match: * what came while the body did is not replaced either.
TEST_F(HttpWriting, WhatCameMeanwhile) {
    serve_with(FileRights::all);
    const auto put_late = [&](std::string fields, std::string& into) -> asio::awaitable<void> {
        Stream stream = co_await client.network().async_connect(Address{Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable);
        const std::string request = head("PUT /late", fields + "Content-Length: 5\r\nConnection: close\r\n");
        co_await asio::async_write(stream, asio::buffer(request), use_awaitable);
        session::Timer timer = client.network().make_timer();
        timer.expires_after(5s);
        co_await timer.async_wait(use_awaitable);
        folder.write("late", "first");
        const std::string content = "later";
        co_await asio::async_write(stream, asio::buffer(content), use_awaitable);
        session::error_code error;
        into.clear();
        co_await asio::async_read(stream, asio::dynamic_buffer(into), asio::redirect_error(use_awaitable, error));
    };
    std::string heard;
    EXPECT_EQ(failure_of(put_late("If-None-Match: *\r\n", heard), 1min), "");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 412 ")) << heard;
    EXPECT_EQ(folder.read("late"), "first");
    EXPECT_EQ(failure_of(put_late("", heard), 1min), "");
    EXPECT_TRUE(heard.starts_with("HTTP/1.1 204 ")) << heard;
    EXPECT_EQ(folder.read("late"), "later");
}

}  // namespace
}  // namespace strata::application::http
