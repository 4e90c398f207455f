// talk in virtual time, over our own stack.
#include "strata/7_application/talk/talk.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>

#include "tests/support/served_folder.hpp"

namespace strata::application::talk {
namespace {

namespace asio = session::asio;

TEST(Target, IsTakenApart) {
    EXPECT_EQ(parse_target("tcp://10.0.0.1:80")->port, 80);
    EXPECT_EQ(parse_target("udp://[::1]:53")->host, "::1");
    EXPECT_EQ(parse_target("unix:/tmp/x")->path, "/tmp/x");
    for (const char* text : {"", "tcp://", "tcp://host", "tcp://:80", "tcp://::1:80", "tcp://h:99999", "http://h:80",
                             "unix:", "tcp://h:x"}) {
        EXPECT_FALSE(parse_target(text)) << text;
    }
    EXPECT_FALSE(parse_target("unix:" + std::string(200, 'a')));
}

TEST(ReceivedLine, IsHarmless) {
    const session::Address from{Ipv4Address{10, 0, 0, 7}, 4000};
    EXPECT_EQ(received_line(from, "你好"), "(10.0.0.7, 4000) >>>>>>> 你好");
    EXPECT_EQ(received_line(from, "a\x1b[2Jb"), "(10.0.0.7, 4000) >>>>>>> a?[2Jb");
    EXPECT_EQ(received_line(from, "C1 \xc2\x9b, bidi \xe2\x80\xae\xe2\x81\xa6"),
              "(10.0.0.7, 4000) >>>>>>> C1 ?, bidi ??");
    EXPECT_EQ(received_line(from, "a\r\nb\tc"), "(10.0.0.7, 4000) >>>>>>> a\n    b\tc") << "nobody speaks as another";
    EXPECT_EQ(received_line(session::UnixPath{"/tmp/\x1b"}, "x"), "(/tmp/?) >>>>>>> x");
    EXPECT_EQ(received_line(session::UnixPath{}, "x"), "(unix) >>>>>>> x");
}

// Lines typed at given moments.
class Typist final : public LineSource {
public:
    Typist(session::Network& network, std::deque<std::string> lines)
        : timer_(network.make_timer()), lines_(std::move(lines)) {}
    asio::awaitable<std::optional<std::string>> next() override {
        timer_.expires_after(1s);
        co_await timer_.async_wait(asio::use_awaitable);
        if (lines_.empty()) co_return std::nullopt;
        std::string line = lines_.front();
        lines_.pop_front();
        co_return line;
    }

private:
    session::Timer timer_;
    std::deque<std::string> lines_;
};

struct Talk : test::ServedFolder {
    struct Side {
        std::vector<std::string> lines;
        std::string error;
        bool over = false;
    };
    void start(asio::awaitable<void> body, Side& side) {
        asio::co_spawn(lab.io(), std::move(body), [&side](std::exception_ptr failed) {
            side.over = true;
            try {
                if (failed) std::rethrow_exception(failed);
            } catch (const std::exception& error) {
                side.error = error.what();
            }
        });
    }
    static Print printer(Side& side) {
        return [&side](const std::string& line) { side.lines.push_back(line); };
    }
    static bool has(const Side& side, const std::string& ending) {
        return std::ranges::any_of(side.lines, [&](const std::string& line) { return line.ends_with(ending); });
    }
    Side listener, caller;
};

TEST_F(Talk, AMessageAndItsReplyOverTcpAndUdpInUtf8AndGbk) {
    for (const char* scheme : {"tcp", "udp"}) {
        for (const char* encoding : {"UTF-8", "GBK"}) {
            SCOPED_TRACE(std::string(scheme) + " in " + encoding);
            listener = {};
            caller = {};
            Options answering{.encoding = encoding, .reply = "收到", .once = true};
            Options asking{.encoding = encoding, .message = "你好"};
            start(listen(server.network(), *parse_target(std::string(scheme) + "://0.0.0.0:7000"), answering,
                         printer(listener), nullptr),
                  listener);
            lab.run_for(1ms);
            start(connect(client.network(), *parse_target(std::string(scheme) + "://10.0.0.2:7000"), asking,
                          printer(caller), nullptr),
                  caller);
            lab.run_for(1min);
            EXPECT_TRUE(listener.over && caller.over);
            EXPECT_EQ(listener.error + caller.error, "");
            EXPECT_TRUE(has(listener, " >>>>>>> 你好"));
            EXPECT_TRUE(has(caller, "(10.0.0.2, 7000) >>>>>>> 收到"));
        }
    }
}

TEST_F(Talk, WaitingIsBounded) {
    start(listen(server.network(), *parse_target("tcp://0.0.0.0:7000"), {.once = true, .timeout = 5s},
                 printer(listener), nullptr),
          listener);
    lab.run_for(4s);
    EXPECT_FALSE(listener.over);
    lab.run_for(2s);
    EXPECT_TRUE(listener.over);
    EXPECT_NE(listener.error.find("--timeout"), std::string::npos);
    start(connect(client.network(), *parse_target("udp://10.0.0.2:7001"), {.message = "?"}, printer(caller), nullptr),
          caller);
    lab.run_for(1min);
    EXPECT_NE(caller.error.find("refused"), std::string::npos) << "ICMP says that nobody is there: " << caller.error;
}

TEST_F(Talk, AListenerAnswersOneOfManyOrAll) {
    Typist host(server.network(), {"to all", "@2 to the second", "@9 to nobody", "@x"});
    Typist silent_a(client.network(), std::deque<std::string>(20, "")),
        silent_b(client.network(), std::deque<std::string>(20, ""));
    Side first, second;
    start(listen(server.network(), *parse_target("tcp://0.0.0.0:7000"), {}, printer(listener), &host), listener);
    lab.run_for(1ms);
    start(connect(client.network(), *parse_target("tcp://10.0.0.2:7000"), {}, printer(first), &silent_a), first);
    lab.run_for(1ms);
    start(connect(client.network(), *parse_target("tcp://10.0.0.2:7000"), {}, printer(second), &silent_b), second);
    lab.run_for(10s);
    EXPECT_TRUE(has(first, ">>>>>>> to all"));
    EXPECT_FALSE(has(first, ">>>>>>> to the second"));
    EXPECT_TRUE(has(second, ">>>>>>> to all"));
    EXPECT_TRUE(has(second, ">>>>>>> to the second"));
    EXPECT_TRUE(has(listener, "nobody has the number 9"));
}

TEST_F(Talk, UnknownEncodingsAndAddressesAreNamed) {
    start(listen(server.network(), *parse_target("tcp://0.0.0.0:7000"), {.encoding = "KLINGON"}, printer(listener),
                 nullptr),
          listener);
    start(connect(client.network(), *parse_target("tcp://10.0.0.2:7009"), {.message = "x"}, printer(caller), nullptr),
          caller);
    lab.run_for(1min);
    EXPECT_NE(listener.error.find("KLINGON"), std::string::npos);
    EXPECT_NE(caller.error.find("tcp://10.0.0.2:7009"), std::string::npos);
}

TEST_F(Talk, AReplyThatCannotBeWrittenIsNoticedAtOnce) {
    start(listen(server.network(), *parse_target("tcp://0.0.0.0:7000"),
                 {.encoding = "GBK", .reply = "\xf0\x9f\x98\x80"}, printer(listener), nullptr),
          listener);
    start(listen(server.network(), *parse_target("udp://0.0.0.0:7000"), {.message = "x"}, printer(caller), nullptr),
          caller);
    lab.run_for(1ms);
    EXPECT_NE(listener.error.find("GBK"), std::string::npos) << listener.error;
    EXPECT_NE(caller.error.find("--reply"), std::string::npos) << "a UDP listener knows nobody: " << caller.error;
}

TEST_F(Talk, ClientsAreBounded) {
    Typist host(server.network(), std::deque<std::string>(20, ""));
    std::vector<Side> clients(4);
    std::deque<Typist> typists;
    start(listen(server.network(), *parse_target("tcp://0.0.0.0:7000"), {.clients_max = 3}, printer(listener), &host),
          listener);
    lab.run_for(1ms);
    for (Side& side : clients) {
        Typist& typist = typists.emplace_back(client.network(), std::deque<std::string>(10, ""));
        start(connect(client.network(), *parse_target("tcp://10.0.0.2:7000"), {}, printer(side), &typist), side);
        lab.run_for(1ms);
    }
    lab.run_for(1s);
    EXPECT_TRUE(clients[3].over && !clients[2].over);
    EXPECT_TRUE(has(listener, "3 are here already"));
    lab.run_for(1min);
    EXPECT_TRUE(listener.over);
    EXPECT_EQ(listener.error, "");
}

TEST_F(Talk, TheLastLinesArriveBeforeTheEnd) {
    Typist host(server.network(), {"", "", "", ""});
    Typist guest(client.network(), {"first", "last"});
    start(listen(server.network(), *parse_target("tcp://0.0.0.0:7000"), {}, printer(listener), &host), listener);
    lab.run_for(1ms);
    start(connect(client.network(), *parse_target("tcp://10.0.0.2:7000"), {}, printer(caller), &guest), caller);
    lab.run_for(1min);
    EXPECT_TRUE(has(listener, ">>>>>>> first") && has(listener, ">>>>>>> last") && has(listener, "1 has gone"));
    EXPECT_TRUE(listener.over && caller.over);
    EXPECT_TRUE(has(caller, "the conversation is over"));
}

TEST_F(Talk, OnlyOneExchangeTakesPlaceWhenOneWasAskedFor) {
    Options asking{.message = "me"};
    Side late;
    start(listen(server.network(), *parse_target("tcp://0.0.0.0:7000"), {.reply = "yes", .once = true},
                 printer(listener), nullptr),
          listener);
    lab.run_for(1ms);
    const Target target = *parse_target("tcp://10.0.0.2:7000");
    start(connect(client.network(), target, asking, printer(caller), nullptr), caller);
    start(connect(client.network(), target, asking, printer(late), nullptr), late);
    lab.run_for(1min);
    EXPECT_TRUE(listener.over && caller.over && late.over);
    EXPECT_EQ(std::ranges::count_if(listener.lines, [](const auto& line) { return line.ends_with(">>>>>>> me"); }), 1);
    EXPECT_NE(caller.error.empty(), late.error.empty()) << caller.error << late.error;
}

TEST_F(Talk, AUdpTalkerSpeaksToAnyAddress) {
    Typist host(server.network(), {"too early", "@10.0.0.1:7001 to one", "@nowhere x", "", ""});
    Typist guest(client.network(), {"", "", "hello", "", "", ""});
    start(listen(server.network(), *parse_target("udp://0.0.0.0:7000"), {}, printer(listener), &host), listener);
    start(listen(client.network(), *parse_target("udp://0.0.0.0:7001"), {}, printer(caller), &guest), caller);
    lab.run_for(1min);
    EXPECT_TRUE(has(listener, "write '@ADDRESS:PORT text'"));
    EXPECT_TRUE(has(caller, "(10.0.0.2, 7000) >>>>>>> to one"));
    EXPECT_TRUE(has(listener, "(10.0.0.1, 7001) >>>>>>> hello")) << "without @ it goes to who spoke last";
    EXPECT_TRUE(listener.over && caller.over);
}

}  // namespace
}  // namespace strata::application::talk
