// Two of our stacks in one thread, joined by a cable in memory: what the stack itself costs.
//
// Checksums are computed and verified. "cut": every frame is really cut to MTU 1500 and merged
// again on the other side. "super": TCP's super-frames travel whole. The payload is written from
// one buffer and read into another: a copy each way.
#include <benchmark/benchmark.h>

#include <boost/asio/io_context.hpp>
#include <vector>

#include "strata/1_physical/cable/cable.hpp"
#include "strata/host/host.hpp"

namespace strata {
namespace {

namespace tcp = transport::tcp;

struct Pair {
    explicit Pair(std::size_t super_frame_max, const tcp::ConnectionOptions& connection_options)
        : options(connection_options), cable({scheduler, entropy, pool}, {.super_frame_max = super_frame_max}) {
        (void)left.add_interface(cable.a(), {Ipv4Address{10, 0, 0, 1}, 24});
        (void)right.add_interface(cable.b(), {Ipv4Address{10, 0, 0, 2}, 24});
    }
    // A connection, both ends.
    void open(tcp::ConnectionUser* writer, tcp::ConnectionUser* reader) {
        tcp::ListenOptions listen;
        listen.connection = options;
        auto listener = *right.tcp().listen({{}, PortNumber{80}}, listen);
        sending = *left.tcp().connect({Ipv4Address{10, 0, 0, 2}, PortNumber{80}}, writer, options);
        while ((receiving = listener->accept()) == nullptr) scheduler.step();
        receiving->set_user(reader);
        listeners.push_back(std::move(listener));
    }

    boost::asio::io_context io;
    VirtualScheduler scheduler;
    SeededEntropy entropy{1};
    PacketPool pool;
    tcp::ConnectionOptions options;
    physical::Cable cable;
    host::Host left{io.get_executor(), scheduler, entropy};
    host::Host right{io.get_executor(), scheduler, entropy};
    std::vector<std::unique_ptr<tcp::Listener>> listeners;
    tcp::Connection* sending = nullptr;
    tcp::Connection* receiving = nullptr;
};

struct Writer final : tcp::ConnectionUser {
    explicit Writer(std::size_t size) : chunk(size, std::byte{0x5a}) {}
    void writable() override { fill(); }
    void fill() {
        while (connection != nullptr && connection->write(chunk)) {
        }
    }
    std::vector<std::byte> chunk;
    tcp::Connection* connection = nullptr;
};

struct Reader final : tcp::ConnectionUser {
    explicit Reader(std::size_t size) : chunk(size) {}
    void readable() override {
        while (const auto count = connection->read(chunk)) {
            if (*count == 0) return;
            total += *count;
        }
    }
    std::vector<std::byte> chunk;
    tcp::Connection* connection = nullptr;
    std::size_t total = 0;
};

void bulk(benchmark::State& state, std::size_t super_frame_max) {
    const auto buffer = static_cast<std::size_t>(state.range(0)) << 10;
    tcp::ConnectionOptions options;
    options.send_buffer_max = buffer;
    options.receive_buffer_max = buffer;
    Pair pair(super_frame_max, options);
    Writer writer(64 << 10);
    Reader reader(64 << 10);
    pair.open(&writer, &reader);
    writer.connection = pair.sending;
    reader.connection = pair.receiving;
    writer.fill();
    constexpr std::size_t step = 16 << 20;
    for (auto _ : state) {
        const std::size_t goal = reader.total + step;
        while (reader.total < goal && pair.scheduler.step()) {
        }
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations() * step));
    state.counters["Gbit/s"] =
        benchmark::Counter(static_cast<double>(state.iterations() * step * 8) / 1e9, benchmark::Counter::kIsRate);
    const auto& nic = pair.left.nic().counters();
    state.counters["bytes/frame"] = static_cast<double>(nic.ifOutOctets) / static_cast<double>(nic.ifOutUcastPkts);
    const auto& counters = pair.left.tcp().counters();
    state.counters["bytes/ack"] = static_cast<double>(counters.outBytes) / static_cast<double>(counters.tcpInSegs);
    state.counters["repeats"] = static_cast<double>(counters.tcpRetransSegs);
}

void bulk_cut(benchmark::State& state) { bulk(state, 0); }
void bulk_super(benchmark::State& state) { bulk(state, 65535); }
BENCHMARK(bulk_cut)->Arg(128)->Arg(256)->Arg(512)->Arg(1024)->UseRealTime();
BENCHMARK(bulk_super)->Arg(128)->Arg(256)->Arg(512)->Arg(1024)->UseRealTime();

// One byte there and back: what the two stacks compute for a round trip.
void round_trip(benchmark::State& state) {
    Pair pair(0, {});
    struct Echo final : tcp::ConnectionUser {
        void readable() override {
            std::byte byte{};
            if (connection->read({&byte, 1})) (void)connection->write({&byte, 1});
        }
        tcp::Connection* connection = nullptr;
    } echo;
    Reader reader(16);
    pair.open(&reader, &echo);
    echo.connection = pair.receiving;
    reader.connection = pair.sending;
    const std::byte byte{1};
    for (auto _ : state) {
        const std::size_t goal = reader.total + 1;
        (void)pair.sending->write({&byte, 1});
        while (reader.total < goal && pair.scheduler.step()) {
        }
    }
}
BENCHMARK(round_trip);

// Open, accept, close: both sides' work.
void connections(benchmark::State& state) {
    Pair pair(0, {});
    auto listener = *pair.right.tcp().listen({{}, PortNumber{80}});
    for (auto _ : state) {
        tcp::ConnectionUser user;
        tcp::Connection* client = *pair.left.tcp().connect({Ipv4Address{10, 0, 0, 2}, PortNumber{80}}, &user);
        tcp::Connection* server = nullptr;
        while ((server = listener->accept()) == nullptr) pair.scheduler.step();
        pair.right.tcp().release(server);
        pair.left.tcp().release(client);
        while (pair.right.tcp().connections() != 0 || pair.left.tcp().connections() != 0) pair.scheduler.step();
        if (pair.left.tcp().resting() + pair.right.tcp().resting() > 8000) {
            state.PauseTiming();
            pair.scheduler.run_for(2min);  // TIME-WAIT ends, and its ports are free again
            state.ResumeTiming();
        }
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(connections)->Iterations(20000);

}  // namespace
}  // namespace strata
