// ping in virtual time, over our own stack.
#include "strata/7_application/ping/ping.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/support/served_folder.hpp"

namespace strata::application::ping {
namespace {

struct Ping : test::ServedFolder {
    Statistics statistics;
    std::vector<std::string> lines;
    std::string marks;  // of a flood
    std::string error;
    bool over = false;
    std::shared_ptr<bool> stop = std::make_shared<bool>(false);

    void start(const std::string& host, Options options) { start_on(client.network(), options, host); }
    void start_on(session::Network& network, Options options, const std::string& host = "host") {
        auto print = [this](const std::string& text, bool ends) { ends ? lines.push_back(text) : void(marks += text); };
        session::asio::co_spawn(lab.io(), run(network, host, options, print, statistics, stop),
                                [this](std::exception_ptr failed) {
                                    over = true;
                                    try {
                                        if (failed) std::rethrow_exception(failed);
                                    } catch (const std::exception& thrown) {
                                        error = thrown.what();
                                    }
                                });
    }
    [[nodiscard]] bool summary_has(const std::string& text) const {
        return statistics.summary("host", 5s).contains(text);
    }
};

TEST_F(Ping, CountsWhatComesBack) {
    physical::CableWayOptions way;
    way.delay = 5ms;
    cable.set_options(way);
    start("10.0.0.2", {.count = 5});
    lab.run_for(2500ms);
    cable.unplug();
    lab.run_for(1min);
    EXPECT_TRUE(over);
    EXPECT_EQ(statistics.transmitted(), 5u);
    EXPECT_EQ(statistics.received(), 3u);
    ASSERT_EQ(lines.size(), 6u);
    EXPECT_EQ(lines[0], "PING 10.0.0.2 (10.0.0.2) 56 bytes of data.");
    EXPECT_EQ(lines[2], "64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=10.000 ms");
    EXPECT_TRUE(summary_has(
        "\n--- host ping statistics ---\n5 packets transmitted, 3 received, 40% packet loss, time 5000ms\n"));
    // The first one waited 5 ms for the server's announcement (ARP) to arrive.
    EXPECT_TRUE(summary_has("rtt min/avg/max/mdev = 10.000/11.667/15.000/2.357 ms")) << statistics.summary("host", 5s);
}

// RFC 791 3.1: who sends a packet writes its address into it.
TEST_F(Ping, TheWayIsRecorded) {
    start("10.0.0.2", {.count = 2, .record_route = true});
    lab.run_for(1min);
    ASSERT_EQ(lines.size(), 6u);
    EXPECT_EQ(lines[2], "RR: \t10.0.0.1");
    EXPECT_EQ(lines[3], "\t10.0.0.2");
    EXPECT_TRUE(lines[4].starts_with("64 bytes from 10.0.0.2: icmp_seq=2"));
    EXPECT_EQ(lines[5], "RR: (same route)");
}

TEST_F(Ping, AFloodShowsWhatIsNotAnswered) {
    cable.set_options({.delay = 5ms});
    start("10.0.0.2", {.count = 5, .interval = 0s, .flood = true});
    lab.run_for(35ms);
    cable.unplug();
    lab.run_for(1min);
    EXPECT_TRUE(over);
    EXPECT_EQ(lines.size(), 1u) << "the first line alone";
    const auto dots = std::ranges::count(marks, '.');
    EXPECT_EQ(dots, 5);
    EXPECT_EQ(statistics.received(), 3u);
    EXPECT_EQ(marks.find("\b \b"), 2u) << "an answer takes its dot away; the first waited for ARP";
}

TEST_F(Ping, WhatComesTwiceIsTold) {
    cable.set_options({.delay = 5ms, .duplication = 1});
    start("10.0.0.2", {.count = 3});
    lab.run_for(1min);
    EXPECT_TRUE(over);
    EXPECT_EQ(statistics.received(), 3u);
    // Each request came twice and was answered twice, and each answer came twice.
    EXPECT_EQ(statistics.duplicates(), 9u);
    ASSERT_EQ(lines.size(), 13u);
    EXPECT_TRUE(lines[1].ends_with(" ms")) << lines[1];
    EXPECT_TRUE(lines[2].starts_with("64 bytes from 10.0.0.2: icmp_seq=1 ") && lines[2].ends_with(" ms (DUP!)"))
        << lines[2];
    EXPECT_TRUE(summary_has("3 packets transmitted, 3 received, +9 duplicates, 0% packet loss"));
}

TEST_F(Ping, ADeadlineEndsItWhateverIsStillWaitedFor) {
    start("10.0.0.2", {.interval = 1s, .deadline = 3500ms});
    lab.run_for(2500ms);
    cable.unplug();
    lab.run_for(999ms);
    EXPECT_FALSE(over);
    lab.run_for(1ms);
    EXPECT_TRUE(over);
    EXPECT_EQ(statistics.transmitted(), 4u);
    EXPECT_EQ(statistics.received(), 3u);
}

// In 45 fragments, there and back; unless that is forbidden.
TEST_F(Ping, TheLongestRequestIsAnswered) {
    start("10.0.0.2", {.count = 2, .payload_size = 65507});
    lab.run_for(1min);
    EXPECT_EQ(statistics.received(), 2u);
    ASSERT_GE(lines.size(), 3u);
    EXPECT_TRUE(lines[2].starts_with("65515 bytes from 10.0.0.2: icmp_seq=2")) << lines[2];
}

TEST_F(Ping, WhatMayNotBeFragmentedIsNotSent) {
    start("10.0.0.2", {.count = 1, .payload_size = 1473, .fragmentation = network::Fragmentation::forbidden});
    lab.run_for(1min);
    EXPECT_EQ(statistics.received(), 0u);
    ASSERT_EQ(lines.size(), 2u);
    EXPECT_TRUE(lines[1].starts_with("icmp_seq=1 cannot be sent: ")) << lines[1];
}

TEST_F(Ping, AnAnswerAfterItsWaitIsStillAnAnswer) {
    cable.set_options({.delay = 300ms});
    start("10.0.0.2", {.count = 2, .interval = 2s, .wait = 500ms});
    lab.run_for(1min);
    EXPECT_EQ(statistics.received(), 1u);  // the last one's came when it was over
    EXPECT_EQ(statistics.duplicates(), 0u);
    EXPECT_EQ(lines.at(1), "no answer from 10.0.0.2: icmp_seq=1");
    EXPECT_TRUE(lines.at(2).starts_with("64 bytes from 10.0.0.2: icmp_seq=1")) << lines.at(2);
}

TEST_F(Ping, AnswersThatTakeLongerThanASecondCount) {
    cable.set_options({.delay = 1700ms});
    start("10.0.0.2", {.count = 5});
    lab.run_for(1min);
    EXPECT_TRUE(over);
    EXPECT_EQ(statistics.received(), 5u);
    // The first waited for the server's announcement (ARP); those
    // behind it left a second apart, answers due or not.
    EXPECT_EQ(lines.at(2), "64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=4100.000 ms") << "waited for ARP as well";
    EXPECT_TRUE(lines.at(5).ends_with("icmp_seq=5 ttl=64 time=3400.000 ms")) << lines.at(5);
    EXPECT_TRUE(summary_has(", pipe 5")) << statistics.summary("host", 5s);
}

TEST_F(Ping, RequestsLeaveAtTheirTimesWhateverIsStillDue) {
    cable.unplug();
    start("10.0.0.2", {.count = 4, .interval = 500ms, .wait = 3s});
    lab.run_for(1600ms);
    EXPECT_EQ(statistics.transmitted(), 4u);
    EXPECT_EQ(lines.size(), 1u) << "nothing is given up yet";
    lab.run_for(2s);
    EXPECT_FALSE(over);
    lab.run_for(1s);
    EXPECT_TRUE(over) << "the last one was sent at 1.5 s, and waited for until 4.5 s";
    ASSERT_EQ(lines.size(), 5u);
    EXPECT_EQ(lines[4], "no answer from 10.0.0.2: icmp_seq=4");
}

TEST_F(Ping, RequestsWaitingMax) {
    cable.unplug();
    start("10.0.0.2", {.interval = 10ms, .wait = 1s, .requests_waiting_max = 7});
    lab.run_for(500ms);
    EXPECT_EQ(statistics.transmitted(), 7u);
    lab.run_for(1s);
    EXPECT_EQ(statistics.transmitted(), 14u) << "each that was given up makes room for one";
    *stop = true;
}

// After the last request nobody waits for ten seconds, where an
// answer has shown how long one takes.
TEST_F(Ping, TheEndIsWaitedForAsLongAsIsWorthWhile) {
    cable.set_options({.delay = 20ms});
    start("10.0.0.2", {.count = 2});
    lab.run_for(500ms);
    cable.unplug();
    lab.run_for(1600ms);
    EXPECT_TRUE(over);
    EXPECT_TRUE(summary_has("2 packets transmitted, 1 received, 50% packet loss"));
    over = false;
    statistics = {};
    start("10.0.0.2", {.count = 1});
    lab.run_for(9900ms);
    EXPECT_FALSE(over) << "nothing has come: as long as -W says, or ten seconds";
    lab.run_for(200ms);
    EXPECT_TRUE(over);
}

TEST_F(Ping, WithoutAnIntervalAsFastAsAnswersCome) {
    cable.set_options({.delay = 1ms});
    start("10.0.0.2", {.count = 100, .interval = 0s});
    lab.run_for(300ms);
    EXPECT_EQ(statistics.received(), 100u);
    statistics = {};
    cable.unplug();
    start("10.0.0.2", {.count = 1000, .interval = 0s});
    lab.run_for(1s);
    EXPECT_EQ(statistics.transmitted(), 101u) << "a hundred a second to who does not answer";
    *stop = true;
}

TEST_F(Ping, QuietSaysOnlyWhatItBegins) {
    start("10.0.0.2", {.count = 3, .quiet = true});
    lab.run_for(1min);
    EXPECT_EQ(statistics.received(), 3u);
    EXPECT_EQ(lines.size(), 1u);
}

TEST_F(Ping, SizesAndIntervals) {
    start("10.0.0.2", {.count = 20, .payload_size = 1400, .interval = 10ms});
    lab.run_for(500ms);
    EXPECT_TRUE(over);
    EXPECT_EQ(statistics.received(), 20u);
    EXPECT_TRUE(lines.at(1).starts_with("1408 bytes from 10.0.0.2: icmp_seq=1 "));
}

TEST_F(Ping, NobodyThereAndNoWay) {
    start("10.0.0.9", {.count = 2});
    lab.run_for(1min);
    EXPECT_TRUE(over);
    EXPECT_EQ(statistics.received(), 0u);
    EXPECT_TRUE(summary_has("2 packets transmitted, 0 received, +2 errors, 100% packet loss"))
        << statistics.summary("host", 5s);
    EXPECT_TRUE(lines.back().ends_with("Destination Host Unreachable")) << lines.back();
    EXPECT_FALSE(summary_has("rtt"));
    over = false;
    start("192.0.2.1", {.count = 1});
    lab.run_for(1min);
    EXPECT_TRUE(over && lines.back().contains("nreachable")) << lines.back();
}

TEST_F(Ping, EndsWhenItIsStopped) {
    start("10.0.0.2", {});
    lab.run_for(2500ms);
    EXPECT_FALSE(over);
    *stop = true;
    lab.run_for(1s);
    EXPECT_TRUE(over);
    EXPECT_EQ(statistics.received(), 3u);
}

TEST_F(Ping, UnknownHostsAreNamed) {
    start("nowhere\x1b.invalid", {.count = 1});
    lab.run_for(1min);
    EXPECT_TRUE(error.contains("nowhere?.invalid")) << error;
}

TEST_F(Ping, ANetworkWithoutIpv6SaysSo) {
    start("fd00::1", {.count = 3});
    lab.run_for(1min);
    EXPECT_TRUE(over && error.contains("no IPv6") && error.contains("fd00::1")) << error;
    start("10.0.0.2", {.count = 3, .family = Family::v6});
    lab.run_for(1min);
    EXPECT_TRUE(error.contains("10.0.0.2") && error.contains("no IPv6 address")) << error;
}

// A network where one Echo answers as a test says, whoever is asked.
class Scripted final : public session::Network {
public:
    using Script =
        std::function<void(const session::EchoRequest&, session::EchoHandler&, const session::EchoListener&)>;
    Scripted(session::Network& under, std::vector<IpAddress> addresses, Script script)
        : under_(under), addresses_(std::move(addresses)), script_(std::move(script)) {}
    [[nodiscard]] session::asio::any_io_executor get_executor() const override { return under_.get_executor(); }
    session::Acceptor listen(const session::Address& at, session::error_code& error) override {
        return under_.listen(at, error);
    }
    session::Datagram open_datagram(const session::Address& at, session::error_code& error) override {
        return under_.open_datagram(at, error);
    }
    session::Echo open_echo(session::error_code&) override { return session::Echo{std::make_unique<One>(*this)}; }
    session::Timer make_timer() override { return under_.make_timer(); }
    [[nodiscard]] Instant now() const override { return under_.now(); }
    [[nodiscard]] std::chrono::system_clock::time_point calendar() const override { return under_.calendar(); }
    Entropy& entropy() override { return under_.entropy(); }

private:
    struct One final : session::EchoImplementation {
        explicit One(Scripted& of) : network(of) {}
        [[nodiscard]] session::asio::any_io_executor get_executor() const override { return network.get_executor(); }
        void start_echo(const session::EchoRequest& request, session::EchoHandler handler) override {
            network.script_(request, handler, listener);
        }
        void cancel() override {}
        void set_listener(session::EchoListener to) override { listener = std::move(to); }
        Scripted& network;
        session::EchoListener listener;
    };
    void start_connect(const session::Address&, session::ConnectHandler) override {}
    void start_resolve(const std::string&, session::ResolveHandler handler) override {
        handler.complete({}, addresses_);
    }
    session::Network& under_;
    std::vector<IpAddress> addresses_;
    Script script_;
};

constexpr Ipv4Address asked{10, 0, 0, 2}, elsewhere{10, 0, 0, 3};

TEST_F(Ping, AnswersFromElsewhereAreTold) {
    for (const bool non_unicast : {false, true}) {
        lines.clear();
        statistics = {};
        Scripted network(client.network(), {asked}, [&](const auto& request, auto& handler, const auto& more) {
            session::EchoReply reply{
                .from = elsewhere, .sequence = request.sequence, .bytes = 64, .ttl = 63, .round_trip = 2ms};
            reply.non_unicast = non_unicast;
            handler.complete({}, reply);
            reply.from = asked;
            reply.repeated = true;
            reply.round_trip = 4ms;
            session::asio::post(client.network().get_executor(), [more, reply] { more({}, reply); });
        });
        start_on(network, {.count = 1});
        lab.run_for(1min);
        ASSERT_EQ(lines.size(), 3u);
        EXPECT_EQ(lines[1], "64 bytes from 10.0.0.3: icmp_seq=1 ttl=63 time=2.000 ms" +
                                std::string(non_unicast ? "" : " (DIFFERENT ADDRESS!)"));
        EXPECT_EQ(lines[2], "64 bytes from 10.0.0.2: icmp_seq=1 ttl=63 time=4.000 ms" +
                                std::string(non_unicast ? "" : " (DUP!)"));
        EXPECT_TRUE(summary_has("1 packets transmitted, 1 received, +1 duplicates, 0% packet loss"));
        EXPECT_TRUE(summary_has("rtt min/avg/max/mdev = 2.000/3.000/4.000/1.000 ms")) << "duplicates are measured too";
    }
}

TEST_F(Ping, ErrorsAreToldInPingsWordsAndCounted) {
    Scripted network(client.network(), {asked}, [&](const auto& request, auto& handler, const auto&) {
        session::EchoReply reply{.from = elsewhere, .sequence = request.sequence};
        if (request.sequence == 1) reply.said = "Time to live exceeded";
        handler.complete(session::asio::error::host_unreachable, reply);
    });
    start_on(network, {.count = 2});
    lab.run_for(1min);
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_EQ(lines[1], "From 10.0.0.3: icmp_seq=1 Time to live exceeded");
    EXPECT_TRUE(lines[2].starts_with("icmp_seq=2 cannot be sent: ")) << lines[2];
    EXPECT_TRUE(summary_has("2 packets transmitted, 0 received, +2 errors, 100% packet loss"));
}

TEST_F(Ping, TheFamilyIsChosen) {
    const IpAddress v6 = *IpAddress::parse("fd00::2");
    for (const auto& [family, wanted] :
         {std::pair{Family::any, v6}, {Family::v6, v6}, {Family::v4, IpAddress{asked}}}) {
        IpAddress to;
        Scripted network(client.network(), {v6, asked}, [&](const auto& request, auto& handler, const auto&) {
            to = request.destination;
            handler.complete({}, {.from = request.destination, .sequence = request.sequence});
        });
        start_on(network, {.count = 1, .family = family});
        lab.run_for(1s);
        EXPECT_EQ(to, wanted);
    }
}

TEST_F(Ping, NumbersComeRound) {
    std::vector<std::uint16_t> numbers;
    Scripted network(client.network(), {asked}, [&](const auto& request, auto& handler, const auto&) {
        numbers.push_back(request.sequence);
        handler.complete({}, {.from = asked, .sequence = request.sequence, .round_trip = 1ms});
    });
    start_on(network, {.count = 65538, .interval = 0s, .quiet = true});
    lab.run_for(1s);
    EXPECT_EQ(statistics.received(), 65538u);
    EXPECT_TRUE(numbers.at(65535) == 0 && numbers.back() == 2);
    EXPECT_FALSE(summary_has("pipe")) << "one at a time: " << statistics.summary("host", 5s);
}

TEST(PingStatistics, AreThoseOfIputils) {
    Statistics none;
    EXPECT_EQ(none.summary("h", 1ms), "\n--- h ping statistics ---\n0 packets transmitted, 0 received\n");
    Statistics some;
    for (int i = 0; i < 3; ++i) some.sent();
    some.received(1, 2ms);
    some.received(3, 4ms);
    some.failed(2);
    EXPECT_EQ(
        some.summary("h", 2003ms),
        "\n--- h ping statistics ---\n3 packets transmitted, 2 received, +1 errors, 33.3333% packet loss, time 2003ms\n"
        "rtt min/avg/max/mdev = 2.000/3.000/4.000/1.000 ms, pipe 3");
    Statistics lost;
    for (int i = 0; i < 4; ++i) lost.sent();
    lost.failed(1);
    EXPECT_EQ(lost.summary("h", 3s),
              "\n--- h ping statistics ---\n4 packets transmitted, 0 received, +1 errors, 100% packet loss, time "
              "3000ms\npipe 4");
}

}  // namespace
}  // namespace strata::application::ping
