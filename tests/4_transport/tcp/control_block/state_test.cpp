// The states: which may follow which (RFC 9293, figure 5), and what a trace hears.
#include "strata/4_transport/tcp/control_block/state.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "tests/support/network.hpp"

namespace strata::transport::tcp {
namespace {

using enum State;
constexpr std::array all{closed,     listen,     syn_sent, syn_received, established, fin_wait_1,
                         fin_wait_2, close_wait, closing,  last_ack,     time_wait};

TEST(State, FollowsFigure5AndNothingElse) {
    // LISTEN and TIME-WAIT are not a connection's: see state.hpp.
    const std::map<State, std::set<State>> figure{{closed, {syn_sent, syn_received}},
                                                  {listen, {}},
                                                  {syn_sent, {syn_received, established, closed}},
                                                  {syn_received, {established, closed}},
                                                  {established, {fin_wait_1, close_wait, closed}},
                                                  {fin_wait_1, {fin_wait_2, closing, time_wait, closed}},
                                                  {fin_wait_2, {time_wait, closed}},
                                                  {close_wait, {last_ack, closed}},
                                                  {closing, {time_wait, closed}},
                                                  {last_ack, {closed}},
                                                  {time_wait, {}}};
    for (const State from : all) {
        for (const State to : all) {
            EXPECT_EQ(may_follow(from, to), figure.at(from).contains(to)) << to_string(from) << " to " << to_string(to);
        }
    }
}

struct TransitionTrace final : Trace {
    void packet(const TraceEvent&) override {}
    void transition(const TransitionEvent& event) override {
        heard.push_back(std::string{event.from} + " to " + std::string{event.to} + " with " + event.remote.to_string());
    }
    std::vector<std::string> heard;
};

TEST(State, ATraceHearsOfEachTransition) {
    TransitionTrace trace;
    test::World world;
    world.trace = &trace;
    const Context context = world.context();
    const ConnectionId id{{{10, 0, 0, 1}, PortNumber{80}}, {{10, 0, 0, 2}, PortNumber{4000}}};
    StateVariable state;
    state.enter(syn_sent, id, context);
    state.enter(established, id, context);
    EXPECT_EQ(state, established);
    EXPECT_EQ(trace.heard, (std::vector<std::string>{"CLOSED to SYN-SENT with 10.0.0.2:4000",
                                                     "SYN-SENT to ESTABLISHED with 10.0.0.2:4000"}));
}

}  // namespace
}  // namespace strata::transport::tcp
