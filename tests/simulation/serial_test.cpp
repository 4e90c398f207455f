// Bad serial lines, many seeds. LAPB delivers everything in order, each packet once, while the line
// breaks bits, loses them and doubles them; TCP gets its streams through LAPB on such a line, and
// through SLIP on one that loses octets. Each seed is one run, to the octet on the line.
//
//     left 10.0.0.1 ══ 64 kbit/s, 10 ms; bit errors, losses ══ right 10.0.0.2
//
// STRATA_SEEDS (default 20, with FULL=1 200) says how many seeds; STRATA_SEED runs one alone.
#include <gtest/gtest.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "strata/0_foundation/siphash.hpp"
#include "strata/1_physical/serial/serial_cable.hpp"
#include "strata/2_link/lapb/lapb_link.hpp"
#include "strata/2_link/slip/slip_link.hpp"
#include "strata/lab/lab.hpp"
#include "tests/support/network.hpp"
#include "tests/support/octets.hpp"
#include "tests/support/seeds.hpp"
#include "tests/support/serial.hpp"

namespace strata::lab {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using physical::SerialUnit;
using session::error_code;
using session::Stream;

constexpr Ipv4Address left_address{10, 0, 0, 1}, right_address{10, 0, 0, 2};

physical::SerialWayOptions bad_line() {
    return {.bits_per_second = 64'000,
            .delay = 10ms,
            .bit_errors = 5e-5,  // of eight frames of 300 octets one is broken
            .losses = 1e-5,
            .duplications = 1e-5};
}

// As a UART that is not read in time. Bits are left alone: two that turn over in one segment, at
// the same place of two words and in opposite ways, keep the sum of RFC 1071, and nothing between
// SLIP and the application would notice. What is shorter than its header says, IP drops.
physical::SerialWayOptions forgetful_line() { return {.bits_per_second = 64'000, .delay = 10ms, .losses = 3e-4}; }

// Digests what passes on a line, with its time: two runs with equal digests had equal lines.
class DigestingLine final : public physical::SerialLine, physical::SerialLineUser {
public:
    DigestingLine(physical::SerialLine& below, Scheduler& scheduler) : below_(below), scheduler_(scheduler) {
        below_.attach(this);
    }
    ~DigestingLine() override { below_.attach(nullptr); }
    [[nodiscard]] SerialUnit unit() const noexcept override { return below_.unit(); }
    [[nodiscard]] bool carrier() const noexcept override { return below_.carrier(); }
    void attach(physical::SerialLineUser* user) noexcept override { user_ = user; }
    [[nodiscard]] std::size_t transmit(Bytes octets) override {
        const std::size_t taken = below_.transmit(octets);
        add(octets.first(taken));
        return taken;
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }

private:
    void octets_arrived(Bytes octets) override {
        add(octets);
        if (user_ != nullptr) user_->octets_arrived(octets);
    }
    void line_writable() override {
        if (user_ != nullptr) user_->line_writable();
    }
    void carrier_changed(bool up) override {
        if (user_ != nullptr) user_->carrier_changed(up);
    }
    void add(Bytes octets) {
        mix(static_cast<std::uint64_t>(scheduler_.now().time_since_epoch().count()));
        mix(siphash({}, octets));
    }
    void mix(std::uint64_t word) { value_ = (value_ ^ word) * 0x9e3779b97f4a7c15 + 1; }

    physical::SerialLine& below_;
    Scheduler& scheduler_;
    physical::SerialLineUser* user_ = nullptr;
    std::uint64_t value_ = 0;
};

link::LapbOptions lapb_for_a_bad_line(link::LapbRole role, link::FrameCheckKind check) {
    link::LapbOptions options;
    options.station.role = role;
    options.station.response_interval = 1s;
    options.station.attempts_max = 100;
    options.station.information_max = 301;
    // Of broken frames, one in 65,536 passes 16 bits of check; over all seeds some would.
    options.frame_check = check;
    return options;
}

// ------------------------------------------------------------------------------------------------ LAPB alone

struct LapbTrip {
    std::vector<std::string> at_left, at_right;
    std::uint64_t digest = 0, repeats = 0, broken = 0, lost = 0, resets = 0;
    Instant end{};
};

// 300 packets both ways at once, each with its number.
LapbTrip run_lapb(std::uint64_t seed, SerialUnit unit, const std::vector<std::string>& packets) {
    test::World world{seed};
    physical::SerialCable cable{world.context(), {unit, bad_line(), bad_line()}};
    DigestingLine line{cable.a(), world.scheduler};
    constexpr auto check = link::FrameCheckKind::fcs32;
    link::LapbLink left{world.context("left"), line, lapb_for_a_bad_line(link::LapbRole::dte, check)};
    link::LapbLink right{world.context("right"), cable.b(), lapb_for_a_bad_line(link::LapbRole::dce, check)};
    test::RecordingLinkUser at_left, at_right;
    left.attach(link::EtherType::ipv4, &at_left);
    right.attach(link::EtherType::ipv4, &at_right);
    while (!(left.link_up() && right.link_up()) && world.scheduler.step(Instant{} + 1h)) {
    }
    // A set-up whose last answer was lost begins anew, and loses what was sent before.
    world.run_for(5s);
    const auto give = [&](link::LapbLink& link, const Ipv4Address& to, std::size_t& given) {
        while (given < packets.size() && link.ready()) {
            link.send(Packet::copy_of(world.pool, bytes_of(packets[given++])), to);
        }
    };
    std::size_t from_left = 0, from_right = 0;
    const auto done = [&] {
        return at_left.arrived.size() >= packets.size() && at_right.arrived.size() >= packets.size();
    };
    do {
        give(left, right_address, from_left);
        give(right, left_address, from_right);
    } while (!done() && world.scheduler.step(Instant{} + 24h));
    world.run_for(10s);
    LapbTrip trip{.at_left = at_left.arrived, .at_right = at_right.arrived, .digest = line.value()};
    for (const link::LapbLink* link : {&left, &right}) {
        trip.repeats += link->counters().lapbOutRepeated;
        trip.lost += link->counters().lapbOutLost;
        trip.resets += link->counters().lapbResets;
        trip.broken += link->frame_counters().hdlcInFrameCheckErrors + link->frame_counters().hdlcInNotOctets;
    }
    trip.end = world.scheduler.now();
    return trip;
}

// ------------------------------------------------------------------------------------------------ TCP above

struct StreamOutcome {
    std::size_t received = 0;
    bool intact = true;
    bool ended = false;  // the peer's end of stream was seen
};

awaitable<void> send_stream(Stream& stream, std::size_t count) {
    for (std::size_t sent = 0; sent < count;) {
        const Bytes next = test::octets(0, sent, std::min<std::size_t>(count - sent, 4096));
        co_await asio::async_write(stream, asio::buffer(next.data(), next.size()), use_awaitable);
        sent += next.size();
    }
    (void)stream.shut_down_sending();
}

awaitable<void> receive_stream(Stream& stream, StreamOutcome& outcome) {
    std::vector<std::byte> got(4096);
    for (;;) {
        error_code error;
        const auto count = co_await stream.async_read_some(asio::buffer(got), redirect_error(use_awaitable, error));
        if (error) {
            outcome.ended = error == asio::error::eof;
            co_return;
        }
        const Bytes expected = test::octets(0, outcome.received, count);
        outcome.intact = outcome.intact && std::memcmp(got.data(), expected.data(), count) == 0;
        outcome.received += count;
    }
}

awaitable<void> serve_stream(session::Network& network, std::size_t count, StreamOutcome& outcome) {
    auto acceptor = network.listen({Ipv4Address{}, 80});
    Stream stream = co_await acceptor.async_accept(use_awaitable);
    co_await receive_stream(stream, outcome);
    co_await send_stream(stream, count);
}

awaitable<void> ask_for_stream(session::Network& network, std::size_t count, StreamOutcome& outcome) {
    Stream stream = co_await network.async_connect({right_address, 80}, use_awaitable);
    co_await send_stream(stream, count);
    co_await receive_stream(stream, outcome);
}

struct TcpTrip {
    StreamOutcome left, right;
    std::uint64_t digest = 0, repeats = 0;
    Duration took{};
};

// There, and then back.
template <typename MakeLink>
TcpTrip run_tcp(std::uint64_t seed, SerialUnit unit, const physical::SerialWayOptions& way, std::size_t count,
                MakeLink&& make_link) {
    SeededEntropy entropy(seed);
    session::VirtualRuntime runtime;
    PacketPool pool;
    const Context context{runtime.scheduler(), entropy, pool};
    physical::SerialCable cable{context, {unit, way, way}};
    DigestingLine line{cable.a(), runtime.scheduler()};
    const auto left_link = make_link(context, line, link::LapbRole::dte);
    const auto right_link = make_link(context, cable.b(), link::LapbRole::dce);
    host::HostOptions options;
    options.tcp.check_invariants = true;
    host::Host left(runtime.io().get_executor(), runtime.scheduler(), entropy, options);
    host::Host right(runtime.io().get_executor(), runtime.scheduler(), entropy, options);
    EXPECT_FALSE(left.add_interface(*left_link, {left_address, 30}, {.name = "sl0"}));
    EXPECT_FALSE(right.add_interface(*right_link, {right_address, 30}, {.name = "sl0"}));
    TcpTrip trip;
    const auto fail_loudly = [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
    };
    asio::co_spawn(runtime.io(), serve_stream(right.network(), count, trip.right), fail_loudly);
    asio::co_spawn(runtime.io(), ask_for_stream(left.network(), count, trip.left), fail_loudly);
    runtime.run_until_true([&] { return trip.left.ended && trip.right.ended; });
    trip.took = runtime.now().time_since_epoch();
    trip.digest = line.value();
    trip.repeats = left.tcp().counters().tcpRetransSegs + right.tcp().counters().tcpRetransSegs;
    return trip;
}

TcpTrip run_tcp_over_slip(std::uint64_t seed, std::size_t count) {
    const auto make_link = [](Context context, physical::SerialLine& line, link::LapbRole) {
        return std::make_unique<link::SlipLink>(context, line);
    };
    return run_tcp(seed, SerialUnit::octet, forgetful_line(), count, make_link);
}

TcpTrip run_tcp_over_lapb(std::uint64_t seed, SerialUnit unit, std::size_t count) {
    return run_tcp(seed, unit, bad_line(), count, [](Context context, physical::SerialLine& line, link::LapbRole role) {
        return std::make_unique<link::LapbLink>(context, line, lapb_for_a_bad_line(role, link::FrameCheckKind::fcs32));
    });
}

void expect_whole(const TcpTrip& trip, std::size_t count) {
    for (const StreamOutcome* side : {&trip.left, &trip.right}) {
        EXPECT_EQ(side->received, count);
        EXPECT_TRUE(side->intact);
        EXPECT_TRUE(side->ended);
    }
}

// ------------------------------------------------------------------------------------------------ seeds

// In eight parts, so that they spread over test shards.
class SerialSeeds : public testing::TestWithParam<std::uint64_t> {
protected:
    template <typename Run>
    void for_each_seed(Run&& run) {
        const std::uint64_t only = test::number_from("STRATA_SEED", 0);
        const std::uint64_t seeds = test::seeds_of(20, 200);
        for (std::uint64_t seed = 1 + GetParam(); seed <= std::max(seeds, only) && !HasFailure(); seed += 8) {
            if (only != 0 && seed != only) continue;
            SCOPED_TRACE("repeat with STRATA_SEED=" + std::to_string(seed));
            run(seed);
        }
    }
};

TEST_P(SerialSeeds, LapbDeliversAllInOrderOnceAndEverySeedRepeats) {
    std::vector<std::string> packets;
    packets.reserve(300);
    for (std::uint64_t i = 0; i < 300; ++i) {
        packets.push_back(std::string{"E"}.append(std::to_string(i)).append(text_of(test::octets(0, i * 277, 277))));
    }
    for_each_seed([&](std::uint64_t seed) {
        const SerialUnit unit = seed % 2 == 0 ? SerialUnit::octet : SerialUnit::bit;
        const LapbTrip first = run_lapb(seed, unit, packets);
        EXPECT_TRUE(first.at_left == packets);
        EXPECT_TRUE(first.at_right == packets);
        EXPECT_GT(first.broken, 10u) << "the line was too good to test anything";
        EXPECT_GT(first.repeats, 10u);
        EXPECT_EQ(first.lost, 0u);
        const LapbTrip second = run_lapb(seed, unit, packets);
        EXPECT_EQ(first.digest, second.digest);
        EXPECT_EQ(first.end, second.end);
    });
}

TEST_P(SerialSeeds, TcpComesThroughSlipAndEverySeedRepeats) {
    constexpr std::size_t count = 32 << 10;
    for_each_seed([&](std::uint64_t seed) {
        const TcpTrip first = run_tcp_over_slip(seed, count);
        expect_whole(first, count);
        EXPECT_GT(first.repeats, 0u) << "SLIP mends nothing";
        const TcpTrip second = run_tcp_over_slip(seed, count);
        EXPECT_EQ(first.digest, second.digest);
        EXPECT_EQ(first.took, second.took);
    });
}

TEST_P(SerialSeeds, TcpComesThroughLapbAndEverySeedRepeats) {
    constexpr std::size_t count = 32 << 10;
    for_each_seed([&](std::uint64_t seed) {
        const SerialUnit unit = seed % 2 == 0 ? SerialUnit::octet : SerialUnit::bit;
        const TcpTrip first = run_tcp_over_lapb(seed, unit, count);
        expect_whole(first, count);
        const TcpTrip second = run_tcp_over_lapb(seed, unit, count);
        EXPECT_EQ(first.digest, second.digest);
        EXPECT_EQ(first.took, second.took);
    });
}

INSTANTIATE_TEST_SUITE_P(Seeds, SerialSeeds, testing::Range<std::uint64_t>(0, 8));

TEST(SerialLine, OneSeedIsNotAnother) {
    EXPECT_NE(run_tcp_over_slip(1, 4096).digest, run_tcp_over_slip(2, 4096).digest);
}

}  // namespace
}  // namespace strata::lab
