// A server of HTTP as a Remote: against our server, and against answers that were written for it.
#include "strata/7_application/http/client/remote/remote.hpp"

#include <unistd.h>

#include <boost/asio/read_until.hpp>

#include "tests/7_application/http/served.hpp"

namespace strata::application::http {
namespace {

using namespace test;
using Kind = RemoteEntry::Kind;

struct HttpRemoteServer : HttpServer {
    HttpRemoteServer() { options.client.stall_timeout = 20s; }
    void serve_with(FileRights rights) {
        root = *FileRoot::open(folder.path(), {.rights = rights, .keep_free = 0});
        ServerOptions how;
        how.puts.sync = false;
        serve(how);
    }
    HttpRemote& remote() {
        if (!made) made.emplace(client.network(), parse_url("http://10.0.0.2/").value(), options);
        return *made;
    }
    // What it threw, in words, or nothing.
    std::string put(const std::string& target, const std::string& text, WriteOptions how = {}) {
        folder.write("local", text);
        InputFile in(folder.path() / "local");
        return put(target, in, how);
    }
    std::string put(const std::string& target, InputFile& in, WriteOptions how = {}) {
        const Progress on_progress = [this](std::uint64_t count, std::optional<std::uint64_t>) { done = count; };
        return failure_of(remote().write(target, in, how, on_progress), 1h);
    }
    std::string list(const std::string& target) {
        entries.clear();
        return failure_of(
            [](HttpRemote& from, std::string what, std::vector<RemoteEntry>& to) -> asio::awaitable<void> {
                to = co_await from.list(std::move(what));
            }(remote(), target, entries),
            1h);
    }
    std::string look(const std::string& target) {
        return failure_of(
            [](HttpRemote& from, std::string what, RemoteEntry& to) -> asio::awaitable<void> {
                to = co_await from.stat(std::move(what));
            }(remote(), target, entry),
            1h);
    }
    std::string make_folder(const std::string& target) {
        return failure_of(
            [](HttpRemote& from, std::string what, bool& was_made) -> asio::awaitable<void> {
                was_made = co_await from.make_folder(std::move(what));
            }(remote(), target, is_new),
            1h);
    }
    // A server that gives one answer after the other, each to a connection, and what it was asked.
    void play(std::vector<std::string> answers) {
        asio::co_spawn(lab.io(), play_all(std::move(answers)), [](std::exception_ptr) {});
    }
    asio::awaitable<void> play_all(std::vector<std::string> answers) {
        session::Acceptor acceptor = server.network().listen({Ipv4Address{}, 80});
        for (const std::string& answer : answers) {
            Stream stream = co_await acceptor.async_accept(use_awaitable);
            std::string request;
            co_await asio::async_read_until(stream, asio::dynamic_buffer(request), "\r\n\r\n", use_awaitable);
            requests.push_back(request);
            co_await asio::async_write(stream, asio::buffer(answer), use_awaitable);
        }
    }

    RemoteOptions options;
    std::optional<HttpRemote> made;
    std::vector<RemoteEntry> entries;
    RemoteEntry entry;
    bool is_new = false;
    std::uint64_t done = 0;
    std::vector<std::string> requests;
};

TEST_F(HttpRemoteServer, ReadsAFile) {
    serve();
    OutputFile out(folder.path() / "got", {});
    EXPECT_EQ(failure_of(remote().read("/big.bin", out, {}), 1h), "");
    out.commit();
    EXPECT_EQ(folder.read("got"), big_text());
}

TEST_F(HttpRemoteServer, ListsAndLooks) {
    serve();
    EXPECT_EQ(list("/"), "");
    ASSERT_EQ(entries.size(), 4u);
    EXPECT_EQ(entries[0].name, "sub");
    EXPECT_EQ(entries[0].kind, Kind::folder);
    EXPECT_EQ(entries[1].name, "big.bin");
    EXPECT_EQ(entries[1].size, 1u << 20);
    EXPECT_TRUE(entries[1].date);
    EXPECT_EQ(list("/sub"), "") << "it is redirected to /sub/";
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].name, "说明.txt");
    EXPECT_EQ(look("/sub"), "");
    EXPECT_EQ(entry.kind, Kind::folder);
    EXPECT_EQ(entry.name, "sub");
    EXPECT_EQ(look("/hello.txt"), "");
    EXPECT_EQ(entry.kind, Kind::file);
    EXPECT_EQ(entry.size, 13u);
    EXPECT_TRUE(look("/none").contains("there is no such file on the server (404)"));
    EXPECT_TRUE(list("/none/").starts_with("cannot list http://10.0.0.2/none/: "));
    EXPECT_TRUE(list("/hello.txt").contains("it is no folder"));
}

TEST_F(HttpRemoteServer, APageForPeopleIsNoList) {
    play({"HTTP/1.1 200 OK\r\nContent-Type: text/\x1b[2Jhtml\r\nContent-Length: 6\r\n\r\n<html>"});
    const std::string failure = list("/");
    EXPECT_TRUE(failure.contains("the server has a page for people there (text/")) << failure;
    EXPECT_FALSE(failure.contains('\x1b'));
    EXPECT_TRUE(requests.at(0).contains("Accept: application/json\r\n"));
}

TEST_F(HttpRemoteServer, AListThatLeadsElsewhereIsRefused) {
    play(
        {"HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=utf-8\r\n\r\n"
         R"({"entries":[{"name":"good"},{"name":"../../etc/passwd"}]})"});
    EXPECT_TRUE(list("/").contains("a name in it, '../../etc/passwd', is none of a file in that folder"));
}

TEST_F(HttpRemoteServer, ListsAreBounded) {
    const std::string body = R"({"entries":[{"name":"a"},{"name":"b"}]})";
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body;
    options.listing_bytes_max = body.size();
    options.entries_max = 2;
    play({answer, answer, answer});
    EXPECT_EQ(list("/"), "");
    EXPECT_EQ(entries.size(), 2u);
    options.entries_max = 1;
    EXPECT_TRUE(list("/").contains("it has more than 1 entries"));
    options.listing_bytes_max = body.size() - 1;
    EXPECT_TRUE(list("/").contains("its list is longer than 38 bytes"));
}

TEST_F(HttpRemoteServer, PutsAFile) {
    serve_with(FileRights::all);
    EXPECT_EQ(put("/sub/new%20%23.txt", "hello"), "");
    EXPECT_EQ(folder.read("sub/new #.txt"), "hello");
    EXPECT_EQ(done, 5u);
    EXPECT_EQ(put("/nothing", ""), "");
    EXPECT_TRUE(std::filesystem::exists(folder.path() / "nothing"));
    EXPECT_EQ(put("/large", big_text()), "");
    EXPECT_TRUE(folder.read("large") == big_text());
    EXPECT_EQ(reports.back().status, 201u);
}

TEST_F(HttpRemoteServer, WhatIsThereIsReplacedWhereThatIsMeant) {
    serve_with(FileRights::all);
    EXPECT_TRUE(put("/hello.txt", "other").contains("there is such a file on the server already; add --force"));
    EXPECT_EQ(folder.read("hello.txt"), "hello, world\n");
    EXPECT_EQ(put("/hello.txt", "other", {.replace = true}), "");
    EXPECT_EQ(folder.read("hello.txt"), "other");
}

TEST_F(HttpRemoteServer, SaysWhyAFileIsNotPut) {
    serve_with(FileRights::add);
    EXPECT_TRUE(put("/hello.txt", "x", {.replace = true}).contains("does not let it be written (403)"));
    EXPECT_TRUE(put("/none/x", "x").contains("is not there, or a folder has its name (409)"));
    EXPECT_TRUE(put("/sub/", "x").starts_with("cannot put http://10.0.0.2/sub/: "));
    EXPECT_EQ(folder.read("hello.txt"), "hello, world\n");
}

TEST_F(HttpRemoteServer, NothingIsSentWhereNothingMayBeWritten) {
    serve();
    done = 0;
    EXPECT_TRUE(put("/new", big_text()).contains("nothing may be written on the server (405)"));
    EXPECT_EQ(done, 0u) << "it was asked first";
}

// What has no size goes in chunks, and cannot be sent twice.
TEST_F(HttpRemoteServer, APipeIsPut) {
    serve_with(FileRights::all);
    const std::string path = folder.path() / "pipe";
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    const int held = ::open(path.c_str(), O_RDWR | O_NONBLOCK);
    InputFile in(path);
    ASSERT_EQ(::write(held, "some text", 9), 9);
    ::close(held);
    std::string failure = "?";
    asio::co_spawn(lab.io(), remote().write("/piped", in, {}, {}),
                   [&](std::exception_ptr failed) { failure = failed ? "failed" : ""; });
    // A pipe is waited for in real time.
    for (int i = 0; i < 1000 && failure == "?"; ++i) {
        lab.run_for(10ms);
        if (failure == "?") lab.io().poll();
    }
    EXPECT_EQ(failure, "");
    EXPECT_EQ(folder.read("piped"), "some text");
    EXPECT_TRUE(put("/again", in).contains("cannot be read again"));
}

TEST_F(HttpRemoteServer, AServerThatSaysNothingOfTheBodyGetsItAllTheSame) {
    // It reads all, answers 201, and never says 100.
    const auto mute = [](session::Network& network, std::string& heard) -> asio::awaitable<void> {
        session::Acceptor acceptor = network.listen({Ipv4Address{}, 80});
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        co_await asio::async_read_until(stream, asio::dynamic_buffer(heard), "\r\n\r\n", use_awaitable);
        const std::size_t size = heard.find("\r\n\r\n") + 4 + big_text().size();
        while (heard.size() < size) {
            std::string more(65536, '\0');
            const std::size_t count = co_await stream.async_read_some(asio::buffer(more), use_awaitable);
            heard.append(more, 0, count);
        }
        const std::string answer = "HTTP/1.1 201 Created\r\n\r\n";
        co_await asio::async_write(stream, asio::buffer(answer), use_awaitable);
    };
    std::string heard;
    begin(mute(server.network(), heard), heard);
    EXPECT_EQ(put("/large", big_text()), "");
    EXPECT_TRUE(heard.contains("Expect: 100-continue\r\n"));
    EXPECT_TRUE(heard.contains("If-None-Match: *\r\n"));
    EXPECT_TRUE(heard.ends_with(big_text()));
}

TEST_F(HttpRemoteServer, AnAnswerThatComesTooEarlyIsNoSuccess) {
    play(
        {"HTTP/1.1 201 Created\r\n\r\n", "HTTP/1.1 507 Insufficient Storage\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n"});
    EXPECT_TRUE(put("/x", big_text()).contains("before it can have it all"));
    EXPECT_TRUE(put("/x", big_text()).contains("the server has no room for it (507)"));
    EXPECT_TRUE(put("/x", big_text()).starts_with("cannot put http://10.0.0.2/x: the server ended"))
        << put("/x", big_text());
}

// A slow disk has its time, and a server that is silent for ever does not keep us.
TEST_F(HttpRemoteServer, AnAnswerIsWaitedForAWhile) {
    const auto slow = [](session::Network& network, Duration pause) -> asio::awaitable<void> {
        session::Acceptor acceptor = network.listen({Ipv4Address{}, 80});
        Stream stream = co_await acceptor.async_accept(use_awaitable);
        session::Timer timer = network.make_timer();
        timer.expires_after(pause);
        co_await timer.async_wait(use_awaitable);
        const std::string answer = "HTTP/1.1 201 Created\r\n\r\n";
        co_await asio::async_write(stream, asio::buffer(answer), use_awaitable);
    };
    std::string ignored;
    begin(slow(server.network(), 9min), ignored);
    EXPECT_EQ(put("/x", "x"), "");
    begin(slow(server.network(), 11min), ignored);
    EXPECT_TRUE(put("/x", "x").contains("the server says nothing any more"));
}

// interim_answers_max.
TEST_F(HttpRemoteServer, InterimAnswersHaveABound) {
    std::string many;
    for (int i = 0; i < 15; ++i) many += "HTTP/1.1 102 Processing\r\n\r\n";
    play({many + "HTTP/1.1 409 Conflict\r\n\r\n",
          many + "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 409 Conflict\r\n\r\n"});
    EXPECT_TRUE(put("/x", "x").contains("(409)"));
    EXPECT_FALSE(put("/x", "x").contains("(409)"));
}

TEST_F(HttpRemoteServer, MakesFoldersAndRemoves) {
    serve_with(FileRights::all);
    EXPECT_EQ(make_folder("/new%20one"), "");
    EXPECT_TRUE(is_new);
    EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "new one"));
    EXPECT_EQ(make_folder("/new%20one/"), "");
    EXPECT_FALSE(is_new);
    EXPECT_TRUE(make_folder("/none/x").contains("the folder above it is not there (409)"));
    EXPECT_TRUE(make_folder("/hello.txt").contains("405"));
    EXPECT_EQ(failure_of(remote().remove("/hello.txt"), 1h), "");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "hello.txt"));
    EXPECT_TRUE(failure_of(remote().remove("/sub/"), 1h).contains("something in it (409)"));
    EXPECT_TRUE(failure_of(remote().remove("/none"), 1h).contains("no such file"));
}

TEST_F(HttpRemoteServer, NoFolderIsThoughtMadeWhereNoneMayBe) {
    serve();
    EXPECT_TRUE(make_folder("/new").contains("nothing may be made on the server (405)"));
    EXPECT_EQ(make_folder("/sub"), "") << "it is there";
    EXPECT_FALSE(is_new);
}

// RFC 9110 15.4: only what changes nothing is asked for elsewhere.
TEST_F(HttpRemoteServer, APutIsNotRedirected) {
    play({"HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\n\r\n"});
    EXPECT_TRUE(put("/x", "x").contains("the server answered 307"));
    EXPECT_EQ(requests.size(), 1u);
}

TEST_F(HttpRemoteServer, RedirectsLeadToHttpAlone) {
    for (const std::string where : {"file:///etc/passwd", "tftp://10.0.0.2/x", "fetch://10.0.0.2/x"}) {
        play({"HTTP/1.1 302 Found\r\nLocation: " + where + "\r\n\r\n"});
        EXPECT_TRUE(list("/").contains("where this program cannot follow")) << where;
    }
}

TEST_F(HttpRemoteServer, HasNoWordForOthers) {
    EXPECT_TRUE(failure_of(remote().rename("/a", "/b"), 1h).contains("http has no word for that"));
    EXPECT_TRUE(failure_of(remote().set_date("/a", {}), 1h).contains("http has no word for that"));
    EXPECT_EQ(failure_of(remote().leave(), 1h), "");
}

}  // namespace
}  // namespace strata::application::http
