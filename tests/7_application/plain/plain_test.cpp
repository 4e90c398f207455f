// The plain download protocol in virtual time: how a name may end,
// what a missing file looks like, encodings.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "strata/7_application/plain/client.hpp"
#include "strata/7_application/plain/name.hpp"
#include "strata/7_application/plain/server.hpp"
#include "tests/support/served_folder.hpp"

namespace strata::application::plain {
namespace {

namespace asio = session::asio;
using asio::use_awaitable;
using session::Address;
using session::Stream;

TEST(Name, EndsAtANewlineOrTheLimit) {
    NameReader reader;
    EXPECT_FALSE(reader.add("hel"));
    EXPECT_TRUE(reader.add("lo.txt\r\nmore"));
    EXPECT_EQ(reader.name(), "hello.txt");
    NameReader endless;
    EXPECT_TRUE(endless.add(std::string(5000, 'a')));
    EXPECT_EQ(endless.name().size(), name_max);
}

struct PlainServer : test::ServedFolder {
    PlainServer() {
        folder.write("hello.txt", "hello");
        folder.write("说明.txt", "说明书");
        folder.write("big", std::string(3 << 20, 'b'));
    }
    void serve(const std::string& encoding = "UTF-8") {
        serving = std::make_unique<Server>(
            server.network(), root, [this](const RequestReport& report) { reports.push_back(report); },
            ServerOptions{.encoding = encoding});
        serving->start(server.network().listen({Ipv4Address{}, 8080}));
    }
    static asio::awaitable<void> converse(session::Network& network, std::string name, std::string& answer,
                                          Duration& took) {
        Stream stream = co_await network.async_connect(Address{Ipv4Address{10, 0, 0, 2}, 8080}, use_awaitable);
        const Instant began = network.now();
        session::error_code error;
        co_await asio::async_write(stream, asio::buffer(name), asio::redirect_error(use_awaitable, error));
        co_await asio::async_read(stream, asio::dynamic_buffer(answer), asio::redirect_error(use_awaitable, error));
        took = network.now() - began;
    }
    std::string ask(const std::string& name) {
        if (!serving) serve();
        std::string answer;
        asio::co_spawn(lab.io(), converse(client.network(), name, answer, took), [](std::exception_ptr) {});
        lab.run_for(5min);
        return answer;
    }
    std::string fetch_to(const std::string& target, const std::string& name, const std::string& encoding = "UTF-8",
                         OutputOptions options = {}) {
        OutputFile out(folder.path() / target, options);
        return failure_of(fetch_whole(name, encoding, out), 5min);
    }
    asio::awaitable<void> fetch_whole(std::string name, std::string encoding, OutputFile& out) {
        co_await plain::fetch(client.network(), "10.0.0.2", 8080, std::move(name), std::move(encoding), out);
        out.commit();
    }
    std::unique_ptr<Server> serving;
    std::vector<RequestReport> reports;
    Duration took{};
};

TEST_F(PlainServer, ANameWithoutAnEndIsTakenAfterFiftyMillisecondsOfQuiet) {
    EXPECT_EQ(ask("hello.txt"), "hello");
    EXPECT_GE(took, 50ms);
    EXPECT_LT(took, 200ms);
    EXPECT_EQ(ask("hello.txt\n"), "hello");
    EXPECT_LT(took, 50ms);
    EXPECT_EQ(ask("big\n").size(), 3u << 20);
}

TEST_F(PlainServer, NoByteMeansNoSuchFile) {
    EXPECT_EQ(ask("missing\n"), "");
    EXPECT_EQ(ask("../hello.txt\n"), "");
    EXPECT_EQ(ask("/etc/passwd\n"), "");
    EXPECT_EQ(ask(".\n"), "");
    EXPECT_EQ(ask(std::string(2000, 'a')), "");
    EXPECT_EQ(ask(""), "") << "a client that says nothing is left after a while";
    EXPECT_EQ(serving->active(), 0u);
    ASSERT_FALSE(reports.empty());
    EXPECT_FALSE(reports[0].found);
}

TEST_F(PlainServer, TheEndOfAFileArrivesHoweverSlowTheCable) {
    folder.write("file", std::string(300000, 'f'));
    cable.set_options({.bits_per_second = 256'000});
    EXPECT_EQ(ask("file\n").size(), 300000u);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::whole);
    EXPECT_EQ(reports[0].bytes, 300000u);
    EXPECT_GT(reports[0].took, 9s);
    EXPECT_LT(reports[0].took, 12s);
}

// By the end of the stream the client knows that it has all: it must not come.
TEST_F(PlainServer, AFileThatBecomesShorterMeanwhileDoesNotLookWhole) {
    serve();
    cable.set_options({.bits_per_second = 1'000'000});
    std::string failure;
    OutputFile out(folder.path() / "got", {});
    begin(fetch_whole("big", "UTF-8", out), failure);
    lab.run_for(1s);
    std::filesystem::resize_file(folder.path() / "big", 2 << 20);
    lab.run_for(1min);
    EXPECT_NE(failure.find("reset"), std::string::npos) << failure;
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::file_short);
}

TEST_F(PlainServer, AServerThatIsStoppedInTheMiddleDoesNotLookWhole) {
    serve();
    cable.set_options({.bits_per_second = 1'000'000});
    std::string answer;
    session::error_code error;
    Stream stream;
    client.network().async_connect({Ipv4Address{10, 0, 0, 2}, 8080}, [&](session::error_code, Stream made) {
        stream = std::move(made);
        asio::async_write(stream, asio::buffer(std::string_view("big\n")), [](session::error_code, std::size_t) {});
        asio::async_read(stream, asio::dynamic_buffer(answer),
                         [&](session::error_code failed, std::size_t) { error = failed; });
    });
    lab.run_for(2s);
    serving->stop();
    serving->abort();
    lab.run_for(10s);
    EXPECT_EQ(error, asio::error::connection_reset);
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_EQ(reports[0].ending, Ending::by_server);
    EXPECT_GT(reports[0].bytes, 0u);
    EXPECT_LT(reports[0].bytes, 1u << 20);
}

TEST_F(PlainServer, AFileThatGrowsIsSentAsLongAsItWas) {
    serve();
    cable.set_options({.bits_per_second = 10'000'000});
    std::string answer;
    asio::co_spawn(lab.io(), converse(client.network(), "big\n", answer, took), [](std::exception_ptr) {});
    lab.run_for(1s);
    folder.write("big", std::string(4 << 20, 'b'));
    lab.run_for(1min);
    EXPECT_EQ(answer.size(), 3u << 20);
}

TEST_F(PlainServer, APartIsComparedWithWhatComesAgain) {
    serve();
    const std::string big(3 << 20, 'b');
    folder.write("same.part", big.substr(0, 1 << 20));
    EXPECT_EQ(fetch_to("same", "big", "UTF-8", {.resume = true}), "");
    EXPECT_EQ(folder.read("same"), big);
    folder.write("other.part", big.substr(0, 700000) + "another file" + big.substr(0, 1 << 20));
    EXPECT_EQ(fetch_to("other", "big", "UTF-8", {.resume = true}), "");
    EXPECT_EQ(folder.read("other"), big);
}

// What HTTP said of a part's version is not said of what comes by another protocol.
TEST_F(PlainServer, APartsVersionGoesWhenAnotherProtocolWritesToIt) {
    serve();
    folder.write("half.part", std::string(1000, 'b'));
    folder.write("half.part.version", "\"tag\"\n\n2000\n");
    cable.set_options({.bits_per_second = 1'000'000});
    std::string failure;
    {
        OutputFile out(folder.path() / "half", {.resume = true});
        begin(fetch_whole("big", "UTF-8", out), failure);
        lab.run_for(1s);
        serving->abort();
        lab.run_for(1min);
    }
    EXPECT_NE(failure.find("--resume"), std::string::npos) << failure;
    EXPECT_GT(std::filesystem::file_size(folder.path() / "half.part"), 1000u);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "half.part.version"));
}

TEST_F(PlainServer, WhoSaysNothingIsLeftAfterTheNameTimeout) {
    serving = std::make_unique<Server>(server.network(), root, Server::Log{}, ServerOptions{.name_timeout = 5s});
    serving->start(server.network().listen({Ipv4Address{}, 8080}));
    Stream silent;
    client.network().async_connect({Ipv4Address{10, 0, 0, 2}, 8080},
                                   [&](session::error_code, Stream stream) { silent = std::move(stream); });
    lab.run_for(4900ms);
    EXPECT_EQ(serving->active(), 1u);
    lab.run_for(200ms);
    EXPECT_EQ(serving->active(), 0u);
}

// There are no words for it on the wire; the client finds some.
TEST_F(PlainServer, WhoIsTurnedAwayIsToldByTheReset) {
    serving = std::make_unique<Server>(
        server.network(), root, [this](const RequestReport& report) { reports.push_back(report); },
        ServerOptions{.places = std::make_shared<Places>(PlacesOptions{.connections_max = 0})});
    serving->start(server.network().listen({Ipv4Address{}, 8080}));
    EXPECT_TRUE(fetch_to("got", "hello.txt").contains("it has too many clients"));
    ASSERT_EQ(reports.size(), 1u);
    EXPECT_TRUE(reports[0].turned_away);
}

// The one that has said nothing for longest makes room.
TEST_F(PlainServer, WhoSaysNoNameMakesRoom) {
    serving = std::make_unique<Server>(
        server.network(), root, [](const RequestReport&) {},
        ServerOptions{.places = std::make_shared<Places>(PlacesOptions{.connections_max = 1})});
    serving->start(server.network().listen({Ipv4Address{}, 8080}));
    Stream silent;
    client.network().async_connect({Ipv4Address{10, 0, 0, 2}, 8080},
                                   [&](session::error_code, Stream stream) { silent = std::move(stream); });
    lab.run_for(1s);
    EXPECT_EQ(fetch_to("got", "hello.txt"), "");
}

TEST_F(PlainServer, ChineseNamesInUtf8AndGbk) {
    serve("GBK");
    EXPECT_EQ(ask("\xcb\xb5\xc3\xf7.txt\n"), "说明书");
    EXPECT_EQ(reports.back().name, "说明.txt");
    EXPECT_EQ(fetch_to("got", "说明.txt", "GBK"), "");
    EXPECT_EQ(folder.read("got"), "说明书");
    serving.reset();
    lab.run_for(1s);
    serve();
    EXPECT_EQ(ask("说明.txt\n"), "说明书");
    EXPECT_EQ(fetch_to("again", "说明.txt"), "");
}

TEST_F(PlainServer, TheClientSaysWhatFailed) {
    serve();
    EXPECT_NE(fetch_to("a", "missing").find("no such file"), std::string::npos);
    EXPECT_NE(fetch_to("b", "x", "KLINGON").find("KLINGON"), std::string::npos);
    EXPECT_NE(fetch_to("c", std::string(2000, 'x')).find("1024"), std::string::npos);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "a"));
    folder.write("part.part", std::string(1 << 20, 'b'));
    EXPECT_EQ(fetch_to("part", "big", "UTF-8", {.resume = true}), "");
    EXPECT_EQ(folder.read("part"), std::string(3 << 20, 'b'));
}

TEST(UnknownEncoding, IsRefused) {
    lab::VirtualLab lab(1);
    auto& host = lab.add_host("host");
    const auto root = FileRoot::open("/");
    EXPECT_THROW(Server(host.network(), *root, {}, {.encoding = "KLINGON"}), std::invalid_argument);
}

}  // namespace
}  // namespace strata::application::plain
