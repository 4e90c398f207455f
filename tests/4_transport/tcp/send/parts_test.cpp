// The sender's parts by themselves: sequence space, FIN, persist, Nagle.
#include <gtest/gtest.h>

#include "strata/4_transport/tcp/send/fin.hpp"
#include "strata/4_transport/tcp/send/nagle.hpp"
#include "strata/4_transport/tcp/send/persist.hpp"
#include "strata/4_transport/tcp/send/sequence_space.hpp"

namespace strata::transport::tcp {
namespace {

constexpr SequenceNumber at(std::uint32_t offset) { return SequenceNumber{0xfffffff0u + offset}; }  // it wraps soon

TEST(SendSequenceSpace, AProbesOctetCountsAsSentOnlyWhenThePeerTookIt) {
    SendSequenceSpace snd;
    snd.start(at(0));
    snd.sent_to(at(1));
    snd.acknowledge(at(1));
    snd.set_window(0, at(0), at(1));
    snd.probed_to(at(2));
    EXPECT_EQ(snd.nxt(), at(1));
    EXPECT_EQ(snd.max(), at(2));
    EXPECT_EQ(snd.in_flight(), 0u);
    snd.acknowledge(at(2));
    EXPECT_EQ(snd.nxt(), at(2));
}

TEST(SendSequenceSpace, AWindowThatWasTakenBackLeavesNothingUsable) {
    SendSequenceSpace snd;
    snd.start(at(0));
    snd.set_window(100, at(0), at(0));
    snd.sent_to(at(80));
    EXPECT_EQ(snd.usable(), 20u);
    EXPECT_EQ(snd.acceptable(), at(80));
    snd.set_window(30, at(1), at(0));
    EXPECT_EQ(snd.usable(), 0u);
    EXPECT_EQ(snd.acceptable(), at(30)) << "the last number that the peer still takes";
    EXPECT_EQ(snd.wnd_max(), 100u);
}

TEST(SentFin, IsAskedForThenSentThenAcknowledged) {
    SentFin fin;
    EXPECT_FALSE(fin.to_send());
    fin.request();
    EXPECT_TRUE(fin.requested() && fin.to_send());
    fin.sent(at(20));
    EXPECT_FALSE(fin.to_send());
    EXPECT_FALSE(fin.acknowledged(at(20)));
    EXPECT_TRUE(fin.acknowledged(at(21)));
}

// backoff_max: 2^16 of the shortest intervals, if the longest allowed one does not come first.
TEST(Persist, WaitsTwiceAsLongEachTimeUntilTheLongest) {
    Persist persist;
    EXPECT_EQ(persist.interval(1ms, 1h), 1ms);
    for (int i = 0; i < 3; ++i) persist.fired();
    EXPECT_TRUE(persist.probe_due());
    persist.probe_done();
    EXPECT_FALSE(persist.probe_due());
    EXPECT_EQ(persist.interval(1ms, 1h), 8ms);
    EXPECT_EQ(persist.interval(1ms, 5ms), 5ms);
    for (int i = 0; i < 13; ++i) persist.fired();
    EXPECT_EQ(persist.interval(1ms, 1h), 65536ms);
    persist.fired();  // one past backoff_max
    EXPECT_EQ(persist.interval(1ms, 1h), 65536ms);
    persist.stop();
    EXPECT_EQ(persist.interval(1ms, 1h), 1ms);
}

struct NagleCase {
    const char* name;
    SendQuestion question;
    std::uint32_t sendable;
};
SendQuestion asked(std::uint32_t unsent, std::uint32_t room, std::uint32_t in_flight) {
    return {
        .unsent = unsent, .room = room, .mss = 1000, .in_flight = in_flight, .window_max = 8000, .length_max = 1000};
}

TEST(Nagle, Table) {
    SendQuestion no_delay = asked(10, 8000, 500);
    no_delay.no_delay = true;
    SendQuestion closing = asked(10, 8000, 500);
    closing.closing = true;
    SendQuestion more = asked(10, 8000, 0);
    more.more = More::at_once;
    for (const NagleCase& each : std::initializer_list<NagleCase>{
             {"a whole segment", asked(1000, 8000, 500), 1000},
             {"a short one with nothing in flight", asked(10, 8000, 0), 10},
             {"a short one while others are unacknowledged", asked(10, 8000, 500), 0},
             {"unless the user wants no delay", no_delay, 10},
             {"or nothing follows", closing, 10},
             {"a user who promised more is waited for", more, 0},
             {"a window short of a segment: silly", asked(5000, 999, 500), 0},
             {"unless it is half of the largest the peer has shown", asked(9000, 4000, 500), 1000},
             {"nothing to send", asked(0, 8000, 0), 0},
         }) {
        EXPECT_EQ(sendable(each.question), each.sendable) << each.name;
    }
}

}  // namespace
}  // namespace strata::transport::tcp
