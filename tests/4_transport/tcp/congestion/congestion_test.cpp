// Congestion control by itself: facts in, a window out.
#include <gtest/gtest.h>

#include "strata/4_transport/tcp/congestion/congestion_control.hpp"
#include "strata/4_transport/tcp/congestion/hystart.hpp"
#include "strata/4_transport/tcp/congestion/slow_start.hpp"

namespace strata::transport {
namespace {

constexpr std::uint32_t mss = 1000;

struct Algorithm : testing::TestWithParam<tcp::CongestionAlgorithm> {
    std::unique_ptr<tcp::CongestionControl> congestion = tcp::make_congestion_control(GetParam());
    Instant now{};
    void SetUp() override { congestion->set_mss(mss, 10); }
    // A round trip: all that the window holds is acknowledged, segment by segment.
    void round(Duration round_trip = 100ms, bool window_limited = true) {
        now += round_trip;
        for (std::uint32_t left = congestion->cwnd() / mss; left > 0; --left) {
            congestion->acknowledged(
                {.now = now, .bytes_acked = mss, .smoothed_rtt = round_trip, .window_limited = window_limited});
        }
    }
};

// RFC 6928 2: min(10 * MSS, max(2 * MSS, 14600)).
TEST_P(Algorithm, TheInitialWindowIsThatOfRfc6928) {
    constexpr std::uint32_t octets_max = tcp::CongestionWindow::initial_octets_max;
    const std::pair<std::uint32_t, std::uint32_t> table[] = {{536, 5360},        {1000, 10'000}, {1460, 14'600},
                                                             {1461, octets_max}, {8960, 17'920}, {65'495, 130'990}};
    for (const auto& [size, window] : table) {
        congestion->set_mss(size, 10);
        EXPECT_EQ(congestion->cwnd(), window) << size;
    }
}

// RFC 5681 3.1: by what is acknowledged, so that it doubles.
TEST_P(Algorithm, SlowStartDoublesEachRoundTrip) {
    for (const std::uint32_t expected : {20u, 40u, 80u, 160u}) {
        round();
        EXPECT_EQ(congestion->cwnd(), expected * mss);
    }
}

// RFC 9293 3.8.6.2, RFC 7661: a window that was not used proves nothing.
TEST_P(Algorithm, AWindowThatIsNotUsedDoesNotGrow) {
    for (int i = 0; i < 5; ++i) round(100ms, false);
    EXPECT_EQ(congestion->cwnd(), 10 * mss);
}

// RFC 5681 3.1: a timeout leaves one segment, and slow start up to the threshold; another one for
// the same data leaves the threshold.
TEST_P(Algorithm, ATimeoutLeavesOneSegment) {
    for (int i = 0; i < 4; ++i) round();
    congestion->timed_out(160 * mss, false, now);
    EXPECT_EQ(congestion->cwnd(), mss);
    const std::uint32_t threshold = congestion->ssthresh();
    EXPECT_LT(threshold, 160 * mss);
    congestion->timed_out(mss, true, now);
    EXPECT_EQ(congestion->ssthresh(), threshold);
    for (int i = 0; i < 5; ++i) round();
    EXPECT_EQ(congestion->cwnd(), 32 * mss) << "slow start again";
}

// RFC 5681 3.1 equation 4, RFC 9438 4.6: never below two segments.
TEST_P(Algorithm, TheThresholdIsAtLeastTwoSegments) {
    congestion->loss_detected(mss, now);
    EXPECT_EQ(congestion->ssthresh(), 2 * mss);
    EXPECT_EQ(congestion->cwnd(), 2 * mss);
}

// RFC 5681 4.1: after idleness the restart window, but no more than there was.
TEST_P(Algorithm, IdlenessRestartsAtTheInitialWindow) {
    for (int i = 0; i < 4; ++i) round();
    congestion->idle(10);
    EXPECT_EQ(congestion->cwnd(), 10 * mss);
    congestion->timed_out(10 * mss, false, now);
    congestion->idle(10);
    EXPECT_EQ(congestion->cwnd(), mss);
}

TEST_P(Algorithm, TheWindowHasAnEnd) {
    for (int i = 0; i < 40; ++i) {
        now += 100ms;
        congestion->acknowledged({.now = now, .bytes_acked = congestion->cwnd(), .smoothed_rtt = 100ms});
    }
    EXPECT_EQ(congestion->cwnd(), 1u << 30);
}

INSTANTIATE_TEST_SUITE_P(Congestion, Algorithm,
                         testing::Values(tcp::CongestionAlgorithm::reno, tcp::CongestionAlgorithm::cubic),
                         [](const auto& given) {
                             return given.param == tcp::CongestionAlgorithm::reno ? "Reno" : "Cubic";
                         });

// RFC 5681 3.1: half of the flight, and then a segment a round trip.
TEST(Reno, HalvesAndThenGrowsByASegmentARoundTrip) {
    auto reno = tcp::make_congestion_control(tcp::CongestionAlgorithm::reno);
    reno->set_mss(mss, 10);
    for (int i = 0; i < 10; ++i) reno->acknowledged({.bytes_acked = mss});
    ASSERT_EQ(reno->cwnd(), 20 * mss);
    reno->loss_detected(20 * mss, {});
    EXPECT_EQ(reno->cwnd(), 10 * mss);
    EXPECT_EQ(reno->ssthresh(), 10 * mss);
    for (std::uint32_t segments = 10; segments < 15; ++segments) {
        for (std::uint32_t i = 0; i + 1 < segments; ++i) reno->acknowledged({.bytes_acked = mss});
        EXPECT_EQ(reno->cwnd(), segments * mss) << "one acknowledgment is missing";
        reno->acknowledged({.bytes_acked = mss});
        EXPECT_EQ(reno->cwnd(), (segments + 1) * mss);
    }
}

// RFC 9438 4.2: flat at the window of the last loss, which it reaches K seconds after the epoch's
// begin (figure 2), and steeper the farther it is from there.
TEST(Cubic, IsFlatWhereTheLastLossWas) {
    auto cubic = tcp::make_congestion_control(tcp::CongestionAlgorithm::cubic);
    cubic->set_mss(mss, 10);
    Instant now{};
    const auto second = [&] {
        for (int i = 0; i < 10; ++i) {
            now += 100ms;
            cubic->acknowledged({.now = now, .bytes_acked = cubic->cwnd(), .smoothed_rtt = 100ms});
        }
        return cubic->cwnd() / mss;
    };
    while (cubic->cwnd() < 1280 * mss) cubic->acknowledged({.now = now, .bytes_acked = cubic->cwnd()});
    cubic->loss_detected(cubic->cwnd(), now);
    EXPECT_EQ(cubic->cwnd(), 896 * mss) << "beta of 0.7 (4.6)";
    // K = cbrt(0.3 * 1280 / 0.4) = 9.86 s.
    std::uint32_t before = 896, steps[20];
    for (auto& step : steps) {
        const std::uint32_t after = second();
        step = after - before;
        before = after;
        if (&step == &steps[8]) {
            EXPECT_NEAR(after, 1280, 13) << "near the plateau";
        }
    }
    EXPECT_GT(steps[0], 80u);
    EXPECT_LT(steps[9], 10u);
    EXPECT_GT(steps[19], 80u);
    for (int i = 1; i < 9; ++i) EXPECT_LE(steps[i], steps[i - 1]) << "concave up to there";
    for (int i = 12; i < 20; ++i) EXPECT_GE(steps[i], steps[i - 1]) << "convex from there";
}

// FlightSize is what is in the network: after a timeout ssthresh never rises above cwnd.
TEST(Congestion, ATimeoutNeverRaisesTheThresholdAboveTheWindow) {
    for (const auto algorithm : {tcp::CongestionAlgorithm::reno, tcp::CongestionAlgorithm::cubic}) {
        auto congestion = tcp::make_congestion_control(algorithm);
        congestion->set_mss(1000, 10);
        congestion->timed_out(4'000'000, false, Instant{});
        EXPECT_LE(congestion->ssthresh(), 10'000u);
        EXPECT_EQ(congestion->cwnd(), 1000u);
        congestion = tcp::make_congestion_control(algorithm);
        congestion->set_mss(1000, 10);
        congestion->loss_detected(4'000'000, Instant{});
        EXPECT_LE(congestion->ssthresh(), 10'000u);
    }
}

// RFC 9438 4.3: where Reno would be faster CUBIC grows as Reno would, at first more slowly, since
// it gave up less: until the window is what it was at the last loss. Fast convergence remembers
// less than that as W_max, which is not what counts here.
TEST(Cubic, GrowsAsRenoWouldFromWhereItWasAtTheLastLoss) {
    auto cubic = tcp::make_congestion_control(tcp::CongestionAlgorithm::cubic);
    cubic->set_mss(mss, 10);
    Instant now{};
    const auto rounds_until = [&](std::uint32_t segments) {
        int rounds = 0;
        for (; cubic->cwnd() < segments * mss && rounds < 1000; ++rounds) {
            now += 1ms;
            cubic->acknowledged({.now = now, .bytes_acked = cubic->cwnd(), .smoothed_rtt = 1ms});
        }
        return rounds;
    };
    rounds_until(100);
    cubic->loss_detected(cubic->cwnd(), now);
    rounds_until(120);
    cubic->loss_detected(cubic->cwnd(), now);
    rounds_until(90);
    cubic->loss_detected(cubic->cwnd(), now);  // at 90, below the 120 before: W_max becomes 76
    EXPECT_NEAR(cubic->cwnd(), 63 * mss, mss);
    EXPECT_NEAR(rounds_until(90), 27 / 0.529, 2);
    EXPECT_NEAR(rounds_until(110), 20, 2);
}

// RFC 9406: rounds of growing round-trip times end the first slow start, before anything is lost.
TEST(HyStart, LeavesSlowStartWhenTheRoundTripGrows) {
    for (const bool grows : {false, true}) {
        tcp::HyStart hystart;
        std::uint32_t sequence = 0;
        Duration round_trip = 20ms;
        bool over = false;
        int rounds = 0;
        for (; rounds < 12 && !over; ++rounds) {
            const std::uint32_t end = sequence + 100;
            for (; sequence < end && !over; sequence += 10)
                over = hystart.acknowledged(tcp::SequenceNumber{sequence}, tcp::SequenceNumber{end}, round_trip);
            if (grows && rounds >= 2) round_trip += 5ms;
        }
        EXPECT_EQ(over, grows);
        if (grows) {
            EXPECT_GE(rounds, 8) << "five rounds of conservative slow start first";
        }
    }
}

}  // namespace
}  // namespace strata::transport
