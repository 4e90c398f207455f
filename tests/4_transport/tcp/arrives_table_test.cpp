// No combination of control bits, wherever it lies, does in any state
// what the RFC does not name: state × control bits × place in the
// window × acknowledgment × timestamp, each from a fresh connection.
#include "tests/support/tcp_script.hpp"

namespace strata::test {
namespace {

using tcp::State;

const PeerSegment stamped_syn{.control = "S", .mss = 1460, .timestamps = tcp::Timestamps{1000, 0}};

struct Start {
    State state;
    std::uint32_t ack;  // the acknowledgment of all we have sent
    std::uint32_t seq;  // the peer's SND.NXT
};

// Brings a connection into a state by lawful segments.
tcp::Connection* brought_into(TcpScript& tcp, State state) {
    auto* connection = tcp.accepted({}, stamped_syn);
    const tcp::Timestamps stamps{1002, 0};
    const bool peer_closed_first = state == State::close_wait || state == State::last_ack;
    if (peer_closed_first) tcp.peer_sends({.seq = 1, .ack = 1, .control = "FA", .timestamps = stamps});
    if (state != State::established && state != State::close_wait) connection->close();
    if (state == State::fin_wait_2) tcp.peer_sends({.seq = 1, .ack = 2, .timestamps = stamps});
    if (state == State::closing) tcp.peer_sends({.seq = 1, .ack = 1, .control = "FA", .timestamps = stamps});
    tcp.discard_emitted();
    EXPECT_EQ(connection->state(), state);
    return connection;
}

constexpr Start starts[] = {{State::established, 1, 1}, {State::fin_wait_1, 2, 1}, {State::fin_wait_2, 2, 1},
                            {State::close_wait, 1, 2},  {State::closing, 2, 2},    {State::last_ack, 2, 2}};

enum class Place { far_left, left, next, inside, edge, beyond };
constexpr Place places[] = {Place::far_left, Place::left, Place::next, Place::inside, Place::edge, Place::beyond};

std::uint32_t sequence_at(Place place, const tcp::Connection& connection) {
    const auto& rcv = connection.status().rcv;
    const std::uint32_t nxt = rcv.nxt().value() - TcpScript::peer_iss;
    switch (place) {
        case Place::far_left: return nxt - 100'000;
        case Place::left: return nxt - 1;
        case Place::next: return nxt;
        case Place::inside: return nxt + 100;
        case Place::edge: return nxt + rcv.wnd();
        case Place::beyond: return nxt + rcv.wnd() + 100'000;
    }
    return nxt;
}

// What the whole table must keep to.
TEST(SegmentArrives, NoCombinationDoesWhatTheRfcDoesNotName) {
    constexpr std::string_view controls[] = {"",   "A",  "S",  "SA",  "R",   "RA",  "F",   "FA",
                                             "SR", "SF", "RF", "SFA", "SRA", "RFA", "SRF", "SRFA"};
    std::size_t rows = 0;
    for (const Start& start : starts) {
        for (const std::string_view control : controls) {
            for (const Place place : places) {
                for (const std::uint32_t ack : {0u, start.ack, 77'777u}) {
                    for (const int stamp : {0, 1, 2}) {  // none, old, new
                        TcpScript tcp;
                        NotingUser user;
                        auto* connection = brought_into(tcp, start.state);
                        connection->set_user(&user);
                        const auto before = connection->status().rcv.nxt();
                        const std::uint32_t recent = connection->status().clock.recent();
                        PeerSegment segment{.seq = sequence_at(place, *connection), .ack = ack, .control = control};
                        if (stamp != 0) segment.timestamps = tcp::Timestamps{stamp == 1 ? 10u : 5000u, 0};
                        tcp.peer_sends(segment);
                        const auto has = [&](char bit) { return control.find(bit) != control.npos; };
                        SCOPED_TRACE(std::string(to_string(start.state)) + " " + std::string(control) + " place " +
                                     std::to_string(static_cast<int>(place)) + " ack " + std::to_string(ack) +
                                     " stamp " + std::to_string(stamp));
                        ++rows;
                        const bool exact = place == Place::next;
                        // RFC 5961 3.2: only an exact reset resets, and it does.
                        const bool was_reset = has('R') && exact;
                        const bool ended = connection->state() == State::closed;
                        const bool its_last_ack =
                            start.state == State::last_ack && has('A') && !has('R') && !has('S') && ack == start.ack &&
                            stamp != 1 &&
                            (place == Place::next || place == Place::inside || (place == Place::edge && !has('F')) ||
                             (place == Place::left && has('F')));
                        ASSERT_EQ(ended, was_reset || its_last_ack);
                        if (has('R') && !exact) {
                            ASSERT_EQ(connection->state(), start.state);
                            ASSERT_LE(tcp.net.sent.size(), place == Place::inside ? 1u : 0u)
                                << "a challenge, within the window";
                        }
                        // RFC 5961 4.2: a SYN is answered, and changes
                        // nothing, whatever else it carries but a reset.
                        if (has('S') && !has('R')) {
                            ASSERT_EQ(connection->state(), start.state);
                            ASSERT_EQ(tcp.net.sent.size(), 1u);
                            tcp.emits({.control = "A", .length = 0});
                            ASSERT_EQ(connection->status().rcv.nxt(), before);
                        }
                        // What is not the peer's sets no clock.
                        const bool valid_ack = has('A') && ack != 77'777u && !has('S') && !has('R');
                        if (!valid_ack) {
                            ASSERT_EQ(connection->status().clock.recent(), recent);
                        }
                        // A FIN counts in order, with a valid
                        // acknowledgment, where the peer's stream was open.
                        const bool fin_counts = has('F') && valid_ack && exact && stamp != 1;
                        if (receives_payload(start.state) && !ended) {
                            ASSERT_EQ(connection->status().peer_fin.received(), fin_counts);
                        }
                        ASSERT_LE(tcp.net.sent.size(), 1u) << "one answer at most";
                    }
                }
            }
        }
    }
    EXPECT_EQ(rows, 6u * 16 * 6 * 3 * 3);
}

TEST(SegmentArrives, WhatIsNotAcceptableIsAnsweredInMeasure) {
    struct Row {
        const char* what;
        PeerSegment segment;
        std::size_t most;
    };
    const Row rows[] = {
        {"payload left of the window", {.seq = 0u - 5000, .ack = 1, .payload = std::string(100, 'x')}, 10},
        {"payload right of the window", {.seq = 5'000'000, .ack = 1, .payload = std::string(100, 'x')}, 10},
        {"an empty segment outside", {.seq = 5'000'000, .ack = 1}, 1},
        {"a SYN", {.seq = 5'000'000, .control = "S"}, 1},
        {"a SYN with payload", {.seq = 1, .control = "S", .payload = std::string(100, 'x')}, 1},
        {"a wild acknowledgment", {.seq = 1, .ack = 99'999, .payload = "x"}, 1},
        {"a keepalive", {.seq = 0, .ack = 1}, 1}};
    for (const Row& row : rows) {
        TcpScript tcp;
        tcp.accepted();
        for (int i = 0; i < 1000; ++i) tcp.peer_sends(row.segment);
        EXPECT_LE(tcp.net.sent.size(), row.most) << row.what;
        EXPECT_GE(tcp.net.sent.size(), 1u) << row.what;
        EXPECT_GE(tcp.stack->counters().rateLimited, 900u) << row.what;
    }
}

// MUST-26: what is dropped does not put the keepalive off.
TEST(Keepalive, IsNotPutOffByWhatIsDropped) {
    TcpScript tcp;
    tcp.accepted({.connection = {.keepalive = true, .keepalive_idle = 10s}});
    tcp.pass(9s);
    tcp.peer_sends({.seq = 1, .ack = 99'999});
    tcp.discard_emitted();
    tcp.pass(1s);
    tcp.emits({.seq = 0, .ack = 1, .length = 0});
}

// CVE-2016-5696: what one peer uses up says nothing to another, and takes nothing from it.
TEST(Answers, OfOneConnectionAreNoneOfAnothersBusiness) {
    TcpScript tcp({.challenge_acks_per_second = 10});
    auto* victim = tcp.accepted({.backlog = 8});
    const tcp::SequenceNumber victims_iss = tcp.our_iss;
    tcp.peer_sends({.control = "S", .port = PortNumber{50001}});
    tcp.our_iss = tcp.emits({.control = "SA"}).exact_seq;
    tcp.peer_sends({.seq = 1, .ack = 1, .port = PortNumber{50001}});
    for (int i = 0; i < 1000; ++i) tcp.peer_sends({.seq = 100, .control = "S", .port = PortNumber{50001}});
    EXPECT_EQ(tcp.net.sent.size(), 1u);
    tcp.discard_emitted();
    tcp.our_iss = victims_iss;
    tcp.peer_sends({.seq = 0, .ack = 1});
    tcp.emits({.seq = 1, .ack = 1, .control = "A"});
    EXPECT_EQ(victim->state(), State::established);
}

TEST(Answers, TheHostsLimitIsDrawnAnew) {
    // Challenges of many connections in one second: about so many,
    // and not the same in every second.
    constexpr std::uint32_t peers = 64;
    TcpScript tcp({.challenge_acks_per_second = 16});
    tcp.listening({.backlog = peers});
    for (std::uint16_t i = 0; i < peers; ++i) {
        const PortNumber port{static_cast<std::uint16_t>(50000 + i)};
        tcp.peer_sends({.control = "S", .port = port});
        tcp.peer_sends({.seq = 1, .port = port, .exact_ack = tcp.emits({.control = "SA"}).exact_seq + 1});
    }
    std::vector<std::size_t> counts;
    for (int second = 0; second < 8; ++second) {
        tcp.pass(1s);
        for (std::uint16_t i = 0; i < peers; ++i)
            tcp.peer_sends({.seq = 100, .control = "S", .port = PortNumber{static_cast<std::uint16_t>(50000 + i)}});
        counts.push_back(tcp.net.sent.size());
        tcp.discard_emitted();
        EXPECT_GE(counts.back(), 8u);
        EXPECT_LE(counts.back(), 24u);
    }
    EXPECT_NE(std::ranges::min(counts), std::ranges::max(counts));
}

TEST(Answers, ResetsAreLimitedAPeer) {
    TcpScript tcp({.resets_per_second = 1'000'000, .resets_per_second_a_peer = 5});
    for (int i = 0; i < 100; ++i) tcp.peer_sends({.seq = 1, .control = "S"});
    EXPECT_EQ(tcp.net.sent.size(), 5u);
    EXPECT_EQ(tcp.stack->counters().rateLimited, 95u);
    tcp.pass(1s);
    tcp.discard_emitted();
    tcp.peer_sends({.seq = 1, .control = "S"});
    tcp.emits({.control = "RA"});
}

TEST(Answers, ResetsOfTheWholeHostAreLimited) {
    TcpScript tcp({.resets_per_second = 4, .resets_per_second_a_peer = 1000});
    for (int i = 0; i < 100; ++i) tcp.peer_sends({.seq = 1, .control = "S"});
    EXPECT_GE(tcp.net.sent.size(), 2u);
    EXPECT_LE(tcp.net.sent.size(), 6u);
}

}  // namespace
}  // namespace strata::test
