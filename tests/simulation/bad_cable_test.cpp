// A bad cable, many seeds: 64 MiB both ways at once arrive intact,
// and each seed is one run, to the byte of its capture.
//
//     left 10.0.0.1 ══ 5 % loss, 5 % duplication, 10 % reordering, 1
//     % corruption, 20 ms ══ right 10.0.0.2
//
// STRATA_SEEDS (default 20, with FULL=1 200) says how many seeds;
// STRATA_SEED runs one alone, whichever it is.
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>

#include "strata/lab/lab.hpp"
#include "tests/support/digest.hpp"
#include "tests/support/seeds.hpp"

namespace strata::lab {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;
using session::Stream;
using test::Digest;
using test::number_from;
using test::seeds_of;

constexpr std::size_t chunk = 64 << 10;

struct Outcome {
    std::size_t received = 0;
    bool intact = true;
    bool ended = false;  // the peer's end of stream was seen
};

awaitable<void> send(Stream& stream, std::uint64_t seed, std::size_t count) {
    SeededEntropy source(seed);
    std::vector<std::byte> block(chunk);
    for (std::size_t sent = 0; sent < count; sent += chunk) {
        source.fill(block);
        co_await asio::async_write(stream, asio::buffer(block), use_awaitable);
    }
    (void)stream.shut_down_sending();
}

awaitable<void> receive(Stream& stream, std::uint64_t seed, Outcome& outcome) {
    SeededEntropy source(seed);
    std::vector<std::byte> expected(chunk), got(chunk);
    for (;;) {
        const std::size_t at = outcome.received % chunk;
        if (at == 0) source.fill(expected);
        error_code error;
        const auto count =
            co_await stream.async_read_some(asio::buffer(got.data(), chunk - at), redirect_error(use_awaitable, error));
        if (error) {
            outcome.ended = error == asio::error::eof;
            co_return;
        }
        outcome.intact = outcome.intact && std::memcmp(got.data(), expected.data() + at, count) == 0;
        outcome.received += count;
    }
}

awaitable<void> both_ways(std::shared_ptr<Stream> stream, std::uint64_t out, std::uint64_t in, std::size_t count,
                          Outcome& outcome) {
    // The receiver runs beside the sender; both keep the stream.
    asio::co_spawn(
        stream->get_executor(),
        [](std::shared_ptr<Stream> kept, std::uint64_t seed, Outcome& into) -> awaitable<void> {
            co_await receive(*kept, seed, into);
        }(stream, in, outcome),
        [](std::exception_ptr failed) {
            if (failed) std::rethrow_exception(failed);
        });
    co_await send(*stream, out, count);
}

struct Trip {
    Outcome left;
    Outcome right;
    std::uint64_t digest = 0;
    Duration took{};
    std::uint64_t repeats = 0;
};

physical::CableOptions bad_cable() {
    physical::CableWayOptions way;
    way.loss = 0.05;
    way.duplication = 0.05;
    way.reordering = 0.10;
    way.bit_errors = 0.01;
    way.delay = 20ms;
    return {.can_corrupt = true, .a_to_b = way, .b_to_a = way};
}

Trip run(std::uint64_t seed, std::size_t count, const std::string& pcap_file = {}) {
    SeededEntropy entropy(seed);
    session::VirtualRuntime runtime;
    PacketPool pool;
    const Context context{runtime.scheduler(), entropy, pool};
    physical::Cable cable(context, bad_cable());
    std::unique_ptr<physical::Capture> capture;
    if (!pcap_file.empty()) capture = std::move(*physical::Capture::open(context, cable.a(), pcap_file));
    Digest digest(capture ? static_cast<physical::Port&>(*capture) : cable.a(), runtime.scheduler());
    host::HostOptions options;
    options.tcp.check_invariants = true;
    host::Host left(runtime.io().get_executor(), runtime.scheduler(), entropy, options);
    host::Host right(runtime.io().get_executor(), runtime.scheduler(), entropy, options);
    EXPECT_FALSE(left.add_interface(digest, {Ipv4Address{10, 0, 0, 1}, 24}));
    EXPECT_FALSE(right.add_interface(cable.b(), {Ipv4Address{10, 0, 0, 2}, 24}));

    Trip result;
    const auto fail_loudly = [](std::exception_ptr failed) {
        if (failed) std::rethrow_exception(failed);
    };
    asio::co_spawn(
        runtime.io(),
        [](session::Network& network, std::size_t bytes, Outcome& outcome) -> awaitable<void> {
            auto acceptor = network.listen({Ipv4Address{}, 80});
            auto stream = std::make_shared<Stream>(co_await acceptor.async_accept(use_awaitable));
            co_await both_ways(stream, 2, 1, bytes, outcome);
        }(right.network(), count, result.right),
        fail_loudly);
    asio::co_spawn(
        runtime.io(),
        [](session::Network& network, std::size_t bytes, Outcome& outcome) -> awaitable<void> {
            auto stream =
                std::make_shared<Stream>(co_await network.async_connect({Ipv4Address{10, 0, 0, 2}, 80}, use_awaitable));
            co_await both_ways(stream, 1, 2, bytes, outcome);
        }(left.network(), count, result.left),
        fail_loudly);
    runtime.run_until_true([&] { return result.left.ended && result.right.ended; });
    result.took = runtime.now().time_since_epoch();
    result.digest = digest.value();
    result.repeats = left.tcp().counters().tcpRetransSegs + right.tcp().counters().tcpRetransSegs;
    return result;
}

void expect_whole(const Trip& result, std::size_t count) {
    for (const Outcome* side : {&result.left, &result.right}) {
        EXPECT_EQ(side->received, count);
        EXPECT_TRUE(side->intact);
        EXPECT_TRUE(side->ended);
    }
    EXPECT_GT(result.repeats, 0u) << "the cable was too good to test anything";
}

// In eight parts, so that they spread over test shards.
class BadCable : public testing::TestWithParam<std::uint64_t> {};

void expect_whole_and_repeatable(std::uint64_t seed) {
    constexpr std::size_t count = 64 << 20;
    SCOPED_TRACE("repeat with STRATA_SEED=" + std::to_string(seed));
    const Trip first = run(seed, count);
    expect_whole(first, count);
    const Trip second = run(seed, count);
    EXPECT_EQ(first.digest, second.digest);
    EXPECT_EQ(first.took, second.took);
}

TEST_P(BadCable, BothWaysArriveIntactAndEverySeedRepeats) {
    if (const std::uint64_t only = number_from("STRATA_SEED", 0); only != 0) {
        if (only % 8 == GetParam()) expect_whole_and_repeatable(only);
        return;
    }
    const std::uint64_t seeds = seeds_of(20, 200);
    for (std::uint64_t seed = 1 + GetParam(); seed <= seeds && !HasFailure(); seed += 8)
        expect_whole_and_repeatable(seed);
}
INSTANTIATE_TEST_SUITE_P(Seeds, BadCable, testing::Range<std::uint64_t>(0, 8));

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(BadCableCapture, IsTheSameToTheByte) {
    const auto folder = std::filesystem::temp_directory_path() / ("strata-simulation-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const Trip first = run(seed, 1 << 20, folder / "first.pcap");
        const Trip second = run(seed, 1 << 20, folder / "second.pcap");
        expect_whole(first, 1 << 20);
        EXPECT_EQ(first.digest, second.digest);
        const std::string bytes = contents(folder / "first.pcap");
        EXPECT_GT(bytes.size(), 2u << 20);
        EXPECT_TRUE(bytes == contents(folder / "second.pcap"));
    }
    EXPECT_NE(run(1, 1 << 20).digest, run(2, 1 << 20).digest);
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace strata::lab
