// What an idle connection holds: established, nothing on its way,
// nothing waiting; with and without its session's Stream.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "strata/5_session/stack/stream.hpp"
#include "strata/lab/lab.hpp"

namespace strata {
namespace {

namespace tcp = transport::tcp;

std::size_t heap_in_use() {
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
}

// Opens `count` connections between two hosts and returns what one end of one holds, in bytes. Both
// ends are alike, so half.
double bytes_per_connection(std::size_t count, bool as_streams) {
    lab::VirtualLab lab(1);
    auto& client = lab.add_host("client");
    auto& server = lab.add_host("server");
    lab.join(client, "10.0.0.1/8", server, "10.0.0.2/8");
    // Several listeners, because one pair of addresses has only so many ports.
    constexpr std::size_t ports = 8;
    std::vector<std::unique_ptr<tcp::Listener>> listeners;
    listeners.reserve(ports);
    for (std::uint16_t i = 0; i < ports; ++i) {
        listeners.push_back(std::move(*server.tcp().listen({{}, PortNumber{static_cast<std::uint16_t>(8000 + i)}},
                                                           {.backlog = 65536, .syn_queue_max = 65536})));
    }
    tcp::ConnectionUser user;
    const auto open = [&](std::size_t number) {
        const Endpoint remote{Ipv4Address{10, 0, 0, 2}, PortNumber{static_cast<std::uint16_t>(8000 + number % ports)}};
        return *client.tcp().connect(remote, &user);
    };
    // A few before, so that tables and pools have found their size.
    for (std::size_t i = 0; i < 1000; ++i) open(i);
    lab.run_for(1s);
    std::vector<session::Stream> streams;
    std::vector<tcp::Connection*> connections(2 * count);
    streams.reserve(2 * count);
    const std::size_t before = heap_in_use();
    for (std::size_t i = 0; i < count; ++i) {
        connections[2 * i] = open(i);
        if (i % 256 == 255) lab.run_for(10ms);
    }
    lab.run_for(10s);
    const auto life =
        std::make_shared<session::StackLife>(lab.io().get_executor(), lab.scheduler(), client.tcp(), true);
    const auto peer_life =
        std::make_shared<session::StackLife>(lab.io().get_executor(), lab.scheduler(), server.tcp(), true);
    std::size_t accepted = 0;
    for (auto& listener : listeners) {
        while (tcp::Connection* connection = listener->accept()) {
            if (as_streams) streams.push_back(session::stack::make_stream(peer_life, connection));
            ++accepted;
        }
    }
    if (as_streams) {
        for (std::size_t i = 0; i < count; ++i)
            streams.push_back(session::stack::make_stream(life, connections[2 * i]));
    }
    lab.run_for(10s);
    if (accepted != count + 1000) return -1;
    return static_cast<double>(heap_in_use() - before) / static_cast<double>(2 * count);
}

void idle_connection(benchmark::State& state) {
    double bytes = 0;
    for (auto _ : state) bytes = bytes_per_connection(20000, state.range(0) != 0);
    state.SetLabel(state.range(0) != 0 ? "with its Stream" : "TCP alone");
    state.counters["bytes"] = bytes;
}
BENCHMARK(idle_connection)->Arg(0)->Arg(1)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace strata
