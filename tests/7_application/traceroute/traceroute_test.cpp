// traceroute in virtual time, over our own stack and a chain of routers.
#include "strata/7_application/traceroute/traceroute.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>

#include "tests/support/router_chain.hpp"

namespace strata::application::traceroute {
namespace {

struct Traceroute : test::RouterChain {
    std::string text;
    std::string error;
    std::optional<bool> reached;

    void start(Options options, const std::string& host = "10.0.3.2") {
        options.names = false;
        start_with_names(options, host);
    }
    void start_with_names(const Options& options, const std::string& host = "10.0.3.2") {
        const auto print = [this](const std::string& part, bool ends) { text += ends ? part + "\n" : part; };
        session::asio::co_spawn(lab.io(), run(near.network(), host, options, print),
                                [this](std::exception_ptr failed, bool there) {
                                    reached = there;
                                    try {
                                        if (failed) std::rethrow_exception(failed);
                                    } catch (const std::exception& thrown) {
                                        error = thrown.what();
                                    }
                                });
    }
    // So that round trips are those of the cables alone.
    void know_each_other() {
        start({});
        lab.run_for(1min);
        EXPECT_TRUE(reached.value_or(false)) << text << error;
        text.clear();
        reached.reset();
    }
};

constexpr const char* whole_way =
    " 1  10.0.0.254  2.000 ms  2.000 ms  2.000 ms\n"
    " 2  10.0.1.253  4.000 ms  4.000 ms  4.000 ms\n"
    " 3  10.0.2.253  6.000 ms  6.000 ms  6.000 ms\n"
    " 4  10.0.3.2  8.000 ms  8.000 ms  8.000 ms\n";

TEST_F(Traceroute, ShowsTheWayByEachMethod) {
    know_each_other();
    for (const Method method : {Method::udp, Method::echo, Method::tcp}) {
        start({.method = method});
        lab.run_for(1min);
        EXPECT_EQ(reached, true) << error;
        EXPECT_EQ(text, std::string("traceroute to 10.0.3.2 (10.0.3.2), 30 hops max, 60 byte packets\n") + whole_way);
        text.clear();
    }
}

TEST_F(Traceroute, BeginsAndEndsWhereItIsTold) {
    know_each_other();
    start({.first_hop = 2, .hops_max = 3, .probes_a_hop = 1});
    lab.run_for(1min);
    EXPECT_EQ(reached, false);
    EXPECT_EQ(text,
              "traceroute to 10.0.3.2 (10.0.3.2), 3 hops max, 60 byte packets\n"
              " 2  10.0.1.253  4.000 ms\n 3  10.0.2.253  6.000 ms\n");
}

TEST_F(Traceroute, ARouterThatSaysNothingIsAStarAfterItsTime) {
    know_each_other();
    second.silent = true;
    start({.probes_a_hop = 2, .wait = 2s});
    lab.run_for(2s - 1ms);
    EXPECT_FALSE(reached);
    lab.run_for(1ms);
    EXPECT_EQ(reached, true);
    EXPECT_TRUE(text.contains("\n 2  * *\n 3  10.0.2.253  6.000 ms")) << text;
}

// Nobody beyond the first hop: 16 probes are on their way at a time, and all 90 have their time.
TEST_F(Traceroute, AWayIntoTheDarkEnds) {
    know_each_other();
    second.silent = third.silent = true;
    cables[3].unplug();
    start({.wait = 1s});
    lab.run_for(6s - 1ms);
    EXPECT_FALSE(reached);
    lab.run_for(1s);
    EXPECT_EQ(reached, false);
    EXPECT_TRUE(text.ends_with("\n30  * * *\n")) << text;
}

TEST_F(Traceroute, ALoopEndsWithTheLastHop) {
    third.turns_back = true;
    start({.hops_max = 12, .probes_a_hop = 1});
    lab.run_for(1min);
    EXPECT_EQ(reached, false);
    EXPECT_TRUE(text.contains("\n12  10.0."));
    EXPECT_EQ(std::ranges::count(text, '\n'), 13);
}

TEST_F(Traceroute, WhoSaysThatNothingComesFurtherIsTheLastOne) {
    know_each_other();
    for (const auto& [code, mark] : {std::pair{0, "!N"}, {1, "!H"}, {13, "!X"}, {14, "!V"}, {15, "!C"}, {5, "!S"}}) {
        third.refuses = static_cast<std::uint8_t>(code);
        for (const Method method : {Method::udp, Method::echo, Method::tcp}) {
            text.clear();
            start({.method = method, .probes_a_hop = 1});
            lab.run_for(1min);
            EXPECT_EQ(reached, false);
            // The third hop itself says that the probe's time is over.
            EXPECT_TRUE(
                text.ends_with(std::string(" 3  10.0.2.253  6.000 ms\n 4  10.0.2.253  6.000 ms ") + mark + "\n"))
                << text;
        }
    }
}

TEST_F(Traceroute, FindsThePathsMtu) {
    know_each_other();
    for (int i = 0; i < 2; ++i) {  // what is known by then is not believed
        text.clear();
        start({.mtu = true});
        lab.run_for(1min);
        EXPECT_EQ(reached, true);
        EXPECT_EQ(text,
                  "traceroute to 10.0.3.2 (10.0.3.2), 30 hops max, 65000 byte packets\n"
                  " 1  10.0.0.254  2.000 ms F=1500  2.000 ms  2.000 ms\n"
                  " 2  10.0.1.253  4.000 ms  4.000 ms  4.000 ms\n"
                  " 3  10.0.2.253  6.000 ms F=1200  6.000 ms  6.000 ms\n"
                  " 4  10.0.3.2  8.000 ms  8.000 ms  8.000 ms\n");
    }
}

// A router before RFC 1191: the plateaus are tried, one after the other.
TEST_F(Traceroute, FindsItWhereNobodySaysIt) {
    know_each_other();
    second.says_mtu = false;
    start({.probes_a_hop = 1, .mtu = true});
    lab.run_for(1min);
    EXPECT_TRUE(text.contains("\n 3  10.0.2.253  6.000 ms F=1006\n")) << text;
}

// mtu_steps_max: 1500 is the first step, then there is room for none.
TEST_F(Traceroute, WhoSaysTooOftenThatItIsTooLongIsNotBelieved) {
    know_each_other();
    start({.probes_a_hop = 1, .mtu = true, .mtu_steps_max = 2});
    lab.run_for(1min);
    EXPECT_EQ(reached, true) << text;
    text.clear();
    start({.probes_a_hop = 1, .mtu = true, .mtu_steps_max = 1});
    lab.run_for(1min);
    EXPECT_EQ(reached, false);
    EXPECT_TRUE(text.ends_with("\n 3  10.0.1.253  4.000 ms !F-1200\n")) << text;
}

TEST_F(Traceroute, ErrorsThatQuoteAnotherProbeAreNotBelieved) {
    know_each_other();
    second.lies = [](MutableBytes quoted) { quoted[21] ^= std::byte{1}; };  // the source port
    start({.probes_a_hop = 1, .wait = 1s});
    lab.run_for(1min);
    EXPECT_TRUE(text.contains("\n 2  *\n 3  10.0.2.253  6.000 ms\n")) << text;
}

TEST_F(Traceroute, ADoubledAnswerCountsOnce) {
    know_each_other();
    first.times = second.times = third.times = 3;
    start({});
    lab.run_for(1min);
    EXPECT_TRUE(text.ends_with(whole_way)) << text;
}

TEST_F(Traceroute, NamesStandBeforeAddresses) {
    near.network().set_name("router.example", hops[0]);
    start_with_names({.probes_a_hop = 1});
    lab.run_for(1min);
    EXPECT_TRUE(text.contains("\n 1  router.example (10.0.0.254)  ")) << text;
    EXPECT_TRUE(text.contains("\n 2  10.0.1.253 (10.0.1.253)  ")) << text;
}

TEST_F(Traceroute, SaysWhyItCannot) {
    start({}, "nobody.example");
    lab.run_for(1s);
    EXPECT_TRUE(error.starts_with("cannot trace the way to nobody.example: ")) << error;
    start({.family = Family::v6});
    lab.run_for(1s);
    EXPECT_EQ(error,
              "cannot trace the way to 10.0.3.2: it has no IPv6 address here; leave -6 out, or name another host");
    start({}, "2001:db8::1");
    lab.run_for(1s);
    EXPECT_TRUE(error.starts_with("cannot trace the way to 2001:db8::1: ") && error.contains("; ")) << error;
}

}  // namespace
}  // namespace strata::application::traceroute
