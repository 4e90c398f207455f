// RTT and RTO (RFC 6298): the estimator's arithmetic, and which acknowledgments are samples (Karn).
#include "strata/4_transport/tcp/recovery/rtt.hpp"

#include <gtest/gtest.h>

#include "strata/4_transport/tcp/control_block/keepalive.hpp"
#include "strata/4_transport/tcp/recovery/rtt_probe.hpp"

namespace strata::transport::tcp {
namespace {

constexpr SequenceNumber at(std::uint32_t offset) { return SequenceNumber{0xfffffff0u + offset}; }

TEST(RttEstimator, FollowsSection2) {
    RttEstimator rtt{1s, 1ms, 60s};
    EXPECT_EQ(rtt.rto(), 1s);
    rtt.sample(100ms);  // (2.2): SRTT = R, RTTVAR = R/2, RTO = SRTT + 4 * RTTVAR
    EXPECT_EQ(rtt.smoothed(), 100ms);
    EXPECT_EQ(rtt.rto(), 300ms);
    rtt.sample(180ms);  // (2.3): RTTVAR = 3/4 * 50 + 1/4 * 80 = 57.5, SRTT = 7/8 * 100 + 1/8 * 180 = 110
    EXPECT_EQ(rtt.smoothed(), 110ms);
    EXPECT_EQ(rtt.rto(), 340ms);
    rtt.back_off();
    rtt.back_off();
    EXPECT_EQ(rtt.rto(), 1360ms);
    rtt.forget_backoff();
    EXPECT_EQ(rtt.rto(), 340ms);
}

TEST(RttEstimator, IsClampedAtBothEnds) {
    RttEstimator rtt{1s, 200ms, 2s};
    rtt.sample(1ms);
    EXPECT_EQ(rtt.rto(), 200ms);
    for (int i = 0; i < 30; ++i) rtt.back_off();
    EXPECT_EQ(rtt.rto(), 2s);
}

TEST(RttEstimator, ALostSynMakesItThreeSeconds) {
    RttEstimator rtt{1s, 200ms, 60s};
    rtt.back_off();
    rtt.syn_was_lost();
    EXPECT_EQ(rtt.rto(), 3s);
}

TEST(RttProbe, TimesOneSegmentUntilItIsAcknowledgedOrRepeated) {
    RttProbe probe;
    EXPECT_FALSE(probe.acknowledged(at(5), Instant{1s}));
    probe.start(at(10), Instant{1s});
    EXPECT_FALSE(probe.acknowledged(at(9), Instant{2s}));
    EXPECT_EQ(probe.acknowledged(at(10), Instant{3s}), 2s);
    EXPECT_FALSE(probe.acknowledged(at(11), Instant{4s})) << "once";
    probe.start(at(20), Instant{5s});
    probe.stop();
    EXPECT_FALSE(probe.acknowledged(at(20), Instant{6s})) << "Karn: it could be for either";
}

TEST(RepeatMark, AnEchoOlderThanTheRepetitionIsAmbiguous) {
    RepeatMark repeats;
    repeats.start(at(0));
    EXPECT_FALSE(repeats.makes_ambiguous(at(0), 7));
    repeats.repeated(at(10), 1000);
    EXPECT_TRUE(repeats.makes_ambiguous(at(0), 999)) << "the first may have arrived";
    EXPECT_FALSE(repeats.makes_ambiguous(at(0), 1000)) << "it answers the repetition";
    EXPECT_FALSE(repeats.makes_ambiguous(at(10), 999)) << "what was repeated is behind us";
}

TEST(Keepalive, IsExhaustedByProbesThatNobodyAnswers) {
    Keepalive keepalive{true};
    for (int i = 0; i < 9; ++i) {
        EXPECT_FALSE(keepalive.exhausted(9));
        keepalive.probed();
    }
    EXPECT_TRUE(keepalive.exhausted(9));
    keepalive.heard();
    EXPECT_FALSE(keepalive.exhausted(9));
    // probes_max may be more than fits into a byte.
    for (int i = 0; i < 300; ++i) {
        EXPECT_FALSE(keepalive.exhausted(300)) << i;
        keepalive.probed();
    }
    EXPECT_TRUE(keepalive.exhausted(300));
}

}  // namespace
}  // namespace strata::transport::tcp
