// talk in virtual time, over our own stack.
#include "strata/7_application/talk/talk.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
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

// Lines that come at given moments, from a program or from somebody who types.
class Typist final : public LineSource {
public:
    Typist(session::Network& network, std::deque<std::string> lines, Duration between = 1s, bool person = false)
        : timer_(network.make_timer()), lines_(std::move(lines)), between_(between), person_(person) {}
    asio::awaitable<std::optional<Line>> next() override {
        timer_.expires_after(between_);
        co_await timer_.async_wait(asio::use_awaitable);
        if (lines_.empty()) {
            ended = true;
            co_return std::nullopt;
        }
        std::string line = lines_.front();
        lines_.pop_front();
        // "+" at its end: a piece of a line.
        const bool ends = !line.ends_with('+');
        if (!ends) line.pop_back();
        co_return Line{std::move(line), ends};
    }
    [[nodiscard]] bool is_person() const override { return person_; }
    [[nodiscard]] std::string unfinished() const override { return half_typed; }
    [[nodiscard]] std::size_t left() const { return lines_.size(); }
    std::string half_typed;
    bool ended = false;

private:
    session::Timer timer_;
    std::deque<std::string> lines_;
    Duration between_;
    bool person_;
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
    void listen_on_7000(const Options& options, LineSource* lines) {
        start(listen(server.network(), *parse_target("tcp://0.0.0.0:7000"), options, printer(listener), lines),
              listener);
        lab.run_for(1ms);
    }
    void call_7000(const Options& options, LineSource* lines) {
        start(connect(client.network(), *parse_target("tcp://10.0.0.2:7000"), options, printer(caller), lines), caller);
    }
    // What somebody said, in order, of all that was printed.
    static std::vector<std::string> said(const Side& side) {
        std::vector<std::string> texts;
        for (const std::string& line : side.lines) {
            const std::size_t at = line.find(">>>>>>> ");
            if (at != std::string::npos) texts.push_back(line.substr(at + 8));
        }
        return texts;
    }
    Side listener, caller;
};

// A program that is none of ours, at the other end of a conversation.
struct Program {
    session::Stream stream;
    std::string got;
    bool ended = false, reads = true;

    asio::awaitable<void> read(std::size_t at_most = std::string::npos) {
        std::array<char, 1024> buffer{};
        while (got.size() < at_most) {
            session::error_code error;
            const std::size_t count =
                co_await stream.async_read_some(asio::buffer(buffer), asio::redirect_error(asio::use_awaitable, error));
            got.append(buffer.data(), count);
            if (error) break;
        }
        ended = true;
    }
    asio::awaitable<void> connect(session::Network& network) {
        stream = co_await network.async_connect(session::Address{Ipv4Address{10, 0, 0, 2}, 7000}, asio::use_awaitable);
        if (reads) co_await read();
    }
    asio::awaitable<void> accept(session::Network& network) {
        auto acceptor = network.listen({Ipv4Address::any(), 7000});
        stream = co_await acceptor.async_accept(asio::use_awaitable);
        if (reads) co_await read();
    }
    void say(std::string text) {
        const auto kept = std::make_shared<std::string>(std::move(text));
        stream.async_write(asio::buffer(*kept), [kept](session::error_code, std::size_t) {});
    }
};

TEST_F(Talk, LinesKeepTheirBordersHoweverTheyTravel) {
    cable.set_options({.delay = 5ms, .loss = 0.1});
    const std::string longest(200'000, 'x');
    std::deque<std::string> lines{longest, "second", "third", longest + "y", "a piece+", " and its end", "last"};
    for (int i = 0; i < 200; ++i) lines.push_back("line " + std::to_string(i));
    Typist host(server.network(), lines, 0s), guest(client.network(), lines, 0s);
    listen_on_7000({}, &host);
    call_7000({}, &guest);
    lab.run_for(10min);
    std::vector<std::string> expected(lines.begin(), lines.end());
    expected[4] = "a piece and its end";
    expected.erase(expected.begin() + 5);
    EXPECT_TRUE(said(listener) == expected) << said(listener).size();
    EXPECT_TRUE(said(caller) == expected) << said(caller).size();
    EXPECT_EQ(listener.error + caller.error, "");
    EXPECT_TRUE(listener.over && caller.over);
}

// What arrives of the first line is not taken for the text of a program that ends no line.
TEST_F(Talk, AFirstLineMayStandStillHalfway) {
    cable.set_options({.bits_per_second = 1'000'000, .delay = 5ms});
    Typist host(server.network(), std::deque<std::string>(60, "")),
        guest(client.network(), {std::string(100'000, 'x'), ""});
    listen_on_7000({}, &host);
    call_7000({}, &guest);
    lab.run_for(1200ms);
    cable.unplug();
    lab.run_for(5s);
    EXPECT_TRUE(said(listener).empty());
    cable.plug();
    lab.run_for(10s);
    ASSERT_EQ(said(listener).size(), 1u);
    EXPECT_EQ(said(listener)[0].size(), 100'000u);
}

TEST_F(Talk, AProgramThatEndsNoLineIsAnsweredAsItSpeaks) {
    Program program;
    listen_on_7000({.reply = "收到"}, nullptr);
    asio::co_spawn(lab.io(), program.connect(client.network()), asio::detached);
    lab.run_for(1ms);
    program.say("你好");
    lab.run_for(499ms);
    EXPECT_EQ(program.got, "") << "the rest of a line may come";
    lab.run_for(2ms);
    EXPECT_EQ(program.got, "收到");
    program.say("再");
    lab.run_for(1ms);
    EXPECT_EQ(program.got, "收到收到") << "it is known now";
    EXPECT_EQ(said(listener), (std::vector<std::string>{"你好", "再"}));
}

TEST_F(Talk, ItIsSpokenToInLinesAllTheSameWhenItCouldNotTellThemApart) {
    Program program;
    Typist host(server.network(), {"", "", "one", "two", "three"});
    listen_on_7000({}, &host);
    asio::co_spawn(lab.io(), program.connect(client.network()), asio::detached);
    lab.run_for(1ms);
    program.say("hello");
    lab.run_for(10s);
    EXPECT_EQ(program.got, "one\ntwo\nthree");
}

TEST_F(Talk, AProgramThatEndsItsLinesGetsThemEnded) {
    Program program;
    listen_on_7000({.reply = "yes"}, nullptr);
    asio::co_spawn(lab.io(), program.connect(client.network()), asio::detached);
    lab.run_for(1ms);
    program.say("one\r\ntw");
    lab.run_for(1min);
    EXPECT_EQ(said(listener), std::vector<std::string>{"one"});
    program.say("o\n");
    lab.run_for(1ms);
    EXPECT_EQ(said(listener), (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(program.got, "yes\nyes\n");
}

TEST_F(Talk, RawIsBytesAsTheyStand) {
    Program program;
    Typist guest(client.network(), {"one", "two+", ""});
    asio::co_spawn(lab.io(), program.accept(server.network()), asio::detached);
    lab.run_for(1ms);
    call_7000({.raw = true}, &guest);
    lab.run_for(500ms);
    program.say("a\nb");
    lab.run_for(1ms);
    EXPECT_EQ(said(caller), std::vector<std::string>{"a\n    b"});
    lab.run_for(1min);
    EXPECT_EQ(program.got, "onetwo");
}

TEST_F(Talk, LineMaxIsToldAndLosesNothing) {
    Typist guest(client.network(), {std::string(1000, 'x'), std::string(1001, 'y'), std::string(1001, 'z')});
    Typist host(server.network(), std::deque<std::string>(20, ""));
    listen_on_7000({.line_max = 1000}, &host);
    call_7000({}, &guest);
    lab.run_for(10s);
    const auto texts = said(listener);
    ASSERT_EQ(texts.size(), 5u);
    EXPECT_EQ(texts[0], std::string(1000, 'x'));
    EXPECT_EQ(texts[1],
              std::string(1000, 'y') +
                  "\n* a line of more than 1000 bytes is shown in pieces; --line-max takes longer ones whole");
    EXPECT_EQ(texts[2], "y");
    EXPECT_EQ(texts[3] + texts[4], std::string(1001, 'z')) << "told once";
}

TEST_F(Talk, WaitingMax) {
    Program program{.reads = false};
    const std::string piece(100'000, 'x');
    Typist host(server.network(), std::deque<std::string>(100, piece), 1s, true);
    listen_on_7000({.waiting_max = 300'000}, &host);
    asio::co_spawn(lab.io(), program.connect(client.network()), asio::detached);
    lab.run_for(90s);
    const auto dropped = [this] {
        return std::ranges::count_if(listener.lines,
                                     [](const auto& line) { return line.ends_with("the line was dropped for it"); });
    };
    const auto first = dropped();
    EXPECT_GT(first, 0) << "who does not read gets no more";
    EXPECT_FALSE(program.ended);
    asio::co_spawn(lab.io(), program.read(), asio::detached);
    lab.run_for(1min);
    EXPECT_TRUE(program.ended);
    // Whole lines arrived, and the others were told.
    EXPECT_EQ(program.got.size(), 1 + (100 - static_cast<std::size_t>(dropped())) * (piece.size() + 1));
    EXPECT_TRUE(listener.over);
    EXPECT_EQ(listener.error, "") << "a person saw it";
}

TEST_F(Talk, APeerThatSaysNoMoreIsToldTheRest) {
    Program program;
    std::deque<std::string> lines(50, std::string(10'000, 'x'));
    Typist guest(client.network(), lines);
    asio::co_spawn(lab.io(), program.accept(server.network()), asio::detached);
    lab.run_for(1ms);
    call_7000({}, &guest);
    lab.run_for(2s);
    (void)program.stream.shut_down_sending();
    lab.run_for(1s);
    EXPECT_FALSE(caller.over);
    EXPECT_TRUE(has(caller, "what is left to say is still sent"));
    lab.run_for(1min);
    EXPECT_TRUE(caller.over && program.ended);
    EXPECT_EQ(caller.error, "");
    EXPECT_EQ(program.got.size(), 1 + 50u * 10'001);
}

TEST_F(Talk, WhatWasNotSentIsSaid) {
    Program program;
    Typist guest(client.network(), {"one", "two", "three \x1b[2J", "four"});
    asio::co_spawn(lab.io(), program.accept(server.network()), asio::detached);
    lab.run_for(1ms);
    call_7000({}, &guest);
    lab.run_for(2500ms);
    EXPECT_EQ(program.got, "one\ntwo\n");
    program.stream.close();  // for good: what comes now is answered by a reset
    lab.run_for(1min);
    EXPECT_TRUE(caller.over);
    EXPECT_TRUE(caller.error.starts_with("not everything was said to the peer at tcp://10.0.0.2:7000: "))
        << caller.error;
    EXPECT_FALSE(caller.error.contains('\x1b'));
}

TEST_F(Talk, WhatHasNotArrivedIsSaidToo) {
    Program program{.reads = false};
    Typist guest(client.network(), {std::string(60'000, 'x')});
    asio::co_spawn(lab.io(), program.accept(server.network()), asio::detached);
    lab.run_for(1ms);
    call_7000({}, &guest);
    lab.run_for(500ms);
    cable.unplug();
    (void)program.stream.shut_down_sending();
    lab.run_for(2s);
    EXPECT_TRUE(guest.ended);
    EXPECT_FALSE(caller.over);
    lab.run_for(1h);
    EXPECT_TRUE(caller.over);
    EXPECT_TRUE(caller.error.contains("not")) << caller.error;
}

TEST_F(Talk, APersonsConversationEndsWithThePeersAndTheHalfTypedLineIsNamed) {
    for (const bool half : {false, true}) {
        SCOPED_TRACE(half);
        Program program;
        caller = {};
        Typist guest(client.network(), std::deque<std::string>(100, ""), 1s, true);
        if (half) guest.half_typed = "I was about to";
        asio::co_spawn(lab.io(), program.accept(server.network()), asio::detached);
        lab.run_for(1ms);
        call_7000({}, &guest);
        lab.run_for(1s);
        EXPECT_FALSE(caller.over);
        program.stream.close();
        lab.run_for(1s);
        EXPECT_TRUE(caller.over);
        EXPECT_EQ(
            caller.error,
            half ? "not everything was said to the peer at tcp://10.0.0.2:7000: 'I was about to' was not sent" : "");
        lab.run_for(2min);
    }
}

TEST_F(Talk, AFedListenerWaitsForItsReadersAndTellsThemAll) {
    Program program;
    Typist host(server.network(), std::deque<std::string>(100, std::string(50'000, 'x')), 0s);
    listen_on_7000({}, &host);
    lab.run_for(1min);
    EXPECT_EQ(host.left(), 100u) << "nobody is there";
    program.reads = false;
    asio::co_spawn(lab.io(), program.connect(client.network()), asio::detached);
    lab.run_for(1s);
    (void)program.stream.shut_down_sending();
    lab.run_for(2s);
    EXPECT_GT(host.left(), 50u) << "it waits for its reader";
    asio::co_spawn(lab.io(), program.read(), asio::detached);
    lab.run_for(1min);
    EXPECT_EQ(program.got.size(), 1 + 100u * 50'001);
    EXPECT_TRUE(listener.over);
    EXPECT_EQ(listener.error, "");
}

TEST_F(Talk, AFedListenerDoesNotWaitForEverForWhoTakesNothing) {
    Program lazy{.reads = false}, program;
    Typist host(server.network(), std::deque<std::string>(100, std::string(50'000, 'x')), 0s);
    listen_on_7000({}, &host);
    asio::co_spawn(lab.io(), lazy.connect(client.network()), asio::detached);
    asio::co_spawn(lab.io(), program.connect(client.network()), asio::detached);
    lab.run_for(10min);
    EXPECT_EQ(program.got.size(), 1 + 100u * 50'001);
    EXPECT_TRUE(listener.over);
    EXPECT_TRUE(listener.error.contains("did not reach everybody")) << listener.error;
}

TEST_F(Talk, WhoLeavesWithoutReadingStillCounts) {
    Program lazy{.reads = false};
    Typist host(server.network(), std::deque<std::string>(30, std::string(100'000, 'x')), 1s, true);
    listen_on_7000({.clients_max = 1}, &host);
    asio::co_spawn(lab.io(), lazy.connect(client.network()), asio::detached);
    lab.run_for(20s);
    (void)lazy.stream.shut_down_sending();
    lab.run_for(1s);
    EXPECT_TRUE(has(listener, "1 has left"));
    Program late;
    asio::co_spawn(lab.io(), late.connect(client.network()), asio::detached);
    lab.run_for(1s);
    EXPECT_TRUE(has(listener, "1 are here already")) << "what was said to the first is still on its way";
    lab.run_for(2min);
    EXPECT_TRUE(listener.over) << "the host has ended as well, and waited no longer than a minute";
}

// Somebody whose terminal is closed before anything can be typed.
class Nobody final : public LineSource {
public:
    asio::awaitable<std::optional<Line>> next() override { co_return std::nullopt; }
    [[nodiscard]] bool is_person() const override { return true; }
};

TEST_F(Talk, WhoSaysNothingFromTheBeginningListensToNobody) {
    Nobody nobody;
    listen_on_7000({}, &nobody);
    EXPECT_TRUE(listener.over);
    EXPECT_EQ(listener.error, "");
}

TEST_F(Talk, ALineThatFitsIntoNoDatagramIsToldAndNotSent) {
    Typist guest(client.network(), {std::string(1000, 'x'), std::string(65'507, 'x') + "+", "y", ""});
    Typist host(server.network(), std::deque<std::string>(20, ""));
    start(listen(server.network(), *parse_target("udp://0.0.0.0:7000"), {}, printer(listener), &host), listener);
    lab.run_for(1ms);
    start(connect(client.network(), *parse_target("udp://10.0.0.2:7000"), {}, printer(caller), &guest), caller);
    lab.run_for(1min);
    ASSERT_EQ(said(listener).size(), 1u);
    EXPECT_EQ(said(listener)[0].size(), 1000u) << "a datagram's own bound is met on the kernel's network: talk_test.py";
    EXPECT_TRUE(has(caller, "use tcp:// for lines of any length"));
    EXPECT_TRUE(caller.error.contains("1 lines were not sent")) << caller.error;
}

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
    EXPECT_TRUE(has(listener, ">>>>>>> first") && has(listener, ">>>>>>> last") && has(listener, "1 has left"));
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
    EXPECT_TRUE(has(listener, "(10.0.0.1, 7001) >>>>>>> hello")) << "without @ it is sent to who spoke last";
    EXPECT_TRUE(listener.over && caller.over);
}

}  // namespace
}  // namespace strata::application::talk
