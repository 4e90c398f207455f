// The flaky test that becomes a seed.
//
// One coroutine asks twenty questions and says how long the slowest answer
// took. "No answer takes longer than 150 ms" holds on the kernel's sockets and
// on a TAP as often as one likes to try; on a real, lossy road it fails now
// and then, and nobody can say why. In virtual time each run has a number:
//
//     the kernel's loopback   ok
//     a TAP (as root)         ok
//     virtual time, 0.2 % loss seed 1 ok, seed 2 ok, ... seed N: too slow  ──▶  --seed N: too slow, to the nanosecond,
//                                                                             with a capture to read (--pcap)
//
//     flaky_test                          looks for a seed that fails, and repeats it
//     flaky_test --kernel | --tap NAME    the same coroutine on a real network
//     flaky_test --loss 0.2 --seed 12 --pcap why.pcap    one seed alone
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

#include "stage.hpp"

using namespace examples;
using strata::Duration;

constexpr Duration patience = 150ms;
constexpr std::size_t questions = 20;

awaitable<void> answer_all(session::Acceptor acceptor) {
    Stream stream = co_await acceptor.async_accept(use_awaitable);
    std::string question(100, '\0');
    for (error_code error; !error;) {
        co_await asio::async_read(stream, asio::buffer(question), asio::redirect_error(use_awaitable, error));
        if (!error)
            co_await asio::async_write(stream, asio::buffer(question), asio::redirect_error(use_awaitable, error));
    }
}

// The code under test. It does not know which network it is on.
awaitable<Duration> slowest_answer(Network& network, Address server) {
    Stream stream = co_await network.async_connect(server, use_awaitable);
    std::string question(100, '?');
    std::string answer(100, '\0');
    Duration slowest{};
    for (std::size_t i = 0; i < questions; ++i) {
        const auto began = network.now();
        co_await asio::async_write(stream, asio::buffer(question), use_awaitable);
        co_await asio::async_read(stream, asio::buffer(answer), use_awaitable);
        slowest = std::max(slowest, Duration(network.now() - began));
    }
    co_return slowest;
}

Duration run(const Options& options) {
    const auto stage = set_stage(options);
    auto acceptor = stage->server().listen(stage->place(7));
    const Address there = acceptor.local();
    stage->beside(answer_all(std::move(acceptor)));
    return stage->play(slowest_answer(stage->client(), there));
}

bool report(const char* where, Duration slowest) {
    const bool well = slowest <= patience;
    std::printf("%-24s slowest answer %11.6f ms   %s\n", where, strata::seconds_of(slowest) * 1e3,
                well ? "ok" : "TOO SLOW");
    return well;
}

// Seeds until one fails; then that one again.
int hunt(Options options) {
    if (options.loss_percent == 0) options.loss_percent = 0.2;
    for (const std::uint64_t last = options.seed + 1000; options.seed < last; ++options.seed) {
        const Duration slowest = run(options);
        if (report(("virtual, seed " + std::to_string(options.seed)).c_str(), slowest)) continue;
        const Duration again = run(options);
        report("the same seed again", again);
        std::printf("to look at it: flaky_test --loss %g --seed %llu --pcap why.pcap\n", options.loss_percent,
                    static_cast<unsigned long long>(options.seed));
        return again == slowest ? 0 : 1;
    }
    std::puts("a thousand seeds, and none failed");
    return 1;
}

int main(int count, char** values) {
    return run_example(count, values, [&](Options options) {
        if (options.where == Options::Where::tap) return report("a TAP", run(options)) ? 0 : 1;
        if (options.where == Options::Where::kernel) return report("the kernel's loopback", run(options)) ? 0 : 1;
        if (!options.pcap_file.empty()) {
            report(("virtual, seed " + std::to_string(options.seed)).c_str(), run(options));
            return 0;
        }
        Options kernel = options;
        kernel.where = Options::Where::kernel;
        report("the kernel's loopback", run(kernel));
        return hunt(options);
    });
}
