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
    std::string error;
    bool over = false;
    std::shared_ptr<bool> stop = std::make_shared<bool>(false);

    void start(const std::string& host, Options options) {
        auto print = [this](const std::string& line) { lines.push_back(line); };
        session::asio::co_spawn(lab.io(), run(client.network(), host, options, print, statistics, stop),
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
    EXPECT_TRUE(summary_has("5 packets transmitted, 3 received, 40% packet loss, time 5000ms"));
    // The first one waited 5 ms for the server's announcement (ARP) to arrive.
    EXPECT_TRUE(summary_has("rtt min/avg/max/mdev = 10.000/11.667/15.000/2.357 ms")) << statistics.summary("host", 5s);
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

TEST_F(Ping, AnAnswerAfterItsTimeoutIsStillAnAnswer) {
    cable.set_options({.delay = 300ms});
    start("10.0.0.2", {.count = 2, .interval = 2s, .timeout = 500ms});
    lab.run_for(1min);
    EXPECT_EQ(statistics.received(), 1u);  // the last one's came when it was over
    EXPECT_EQ(statistics.duplicates(), 0u);
    EXPECT_TRUE(lines.at(1).starts_with("no answer from 10.0.0.2: icmp_seq=1")) << lines.at(1);
    EXPECT_TRUE(lines.at(2).starts_with("64 bytes from 10.0.0.2: icmp_seq=1")) << lines.at(2);
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
    EXPECT_TRUE(summary_has("2 packets transmitted, 0 received, 100% packet loss"));
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
    start("nowhere.invalid", {.count = 1});
    lab.run_for(1min);
    EXPECT_TRUE(error.contains("nowhere.invalid")) << error;
}

}  // namespace
}  // namespace strata::application::ping
