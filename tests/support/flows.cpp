#include "tests/support/flows.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <list>

#include "strata/lab/lab.hpp"
#include "tests/support/octets.hpp"

namespace strata::test {
namespace {

using transport::tcp::Connection;

struct Writer final : transport::tcp::ConnectionUser {
    void connected() override { writable(); }
    void writable() override {
        while (const auto count = connection->write(octets(0, sent, circle))) sent += *count;
    }
    Connection* connection = nullptr;
    std::uint64_t sent = 0;
};

struct Reader final : transport::tcp::ConnectionUser {
    void readable() override {
        std::array<std::byte, 32768> buffer;
        for (;;) {
            const auto count = connection->read(buffer);
            if (!count || *count == 0) return;
            const Bytes expected = octets(0, got, *count);
            intact = intact && std::ranges::equal(Bytes{buffer}.first(*count), expected);
            got += *count;
        }
    }
    Connection* connection = nullptr;
    std::uint64_t got = 0, got_before = 0;
    bool intact = true;
};

struct Receiver final : transport::tcp::ListenerUser {
    void acceptable() override {
        while (Connection* connection = listener->accept()) {
            Reader& reader = readers.emplace_back();
            reader.connection = connection;
            connection->set_user(&reader);
            reader.readable();
        }
    }
    std::unique_ptr<transport::tcp::Listener> listener;
    std::list<Reader> readers;
};

}  // namespace

FlowsOutcome run_flows(const Bottleneck& bottleneck) {
    lab::VirtualLab lab(bottleneck.seed);
    host::HostOptions host_options;
    host_options.tcp.check_invariants = true;
    auto& sender = lab.add_host("sender", host_options);
    auto& receiver = lab.add_host("receiver", host_options);
    const Duration delay = bottleneck.round_trip / 2;
    physical::CableOptions cable;
    cable.a_to_b = {.bits_per_second = bottleneck.bits_per_second,
                    .delay = delay,
                    .queue_frames_max = bottleneck.queue_frames,
                    .queue_bytes_max = 1u << 30,
                    .drop_when_full = bottleneck.drop_tail,
                    .loss = bottleneck.loss};
    cable.b_to_a = {.delay = delay, .loss = bottleneck.loss};
    auto& wire = lab.join(sender, "10.0.0.1/24", receiver, "10.0.0.2/24", cable);

    transport::tcp::ConnectionOptions options = bottleneck.connection;
    options.send_buffer_max = options.receive_buffer_max = bottleneck.buffer_max;
    const Endpoint there{receiver.address(), PortNumber{80}};
    Receiver receiving;
    receiving.listener = std::move(*receiver.tcp().listen(there, {.backlog = bottleneck.flows, .connection = options}));
    receiving.listener->set_user(&receiving);
    std::list<Writer> writers;
    for (unsigned i = 0; i < bottleneck.flows; ++i) {
        Writer& writer = writers.emplace_back();
        writer.connection = *sender.tcp().connect(there, &writer, options);
        lab.run_for(Duration{1s} / bottleneck.flows);
    }
    for (Reader& reader : receiving.readers) reader.got_before = reader.got;

    FlowsOutcome outcome;
    constexpr Duration step = 100ms;
    for (Duration passed{}; passed < bottleneck.lasts; passed += step) {
        lab.run_for(step);
        outcome.memory_max = std::max(outcome.memory_max, sender.tcp().memory_used() + receiver.tcp().memory_used());
    }
    double sum = 0, squares = 0;
    for (const Reader& reader : receiving.readers) {
        outcome.bytes.push_back(reader.got - reader.got_before);
        outcome.intact = outcome.intact && reader.intact;
        const auto bytes = static_cast<double>(outcome.bytes.back());
        sum += bytes;
        squares += bytes * bytes;
    }
    // 1460 bytes of payload (12 of them timestamps where in use) in a frame of 1514.
    const double payload = (options.timestamps ? 1448.0 : 1460.0) / 1514.0;
    const double possible =
        static_cast<double>(bottleneck.bits_per_second) / 8 * payload * seconds_of(bottleneck.lasts);
    outcome.utilisation = sum / possible;
    outcome.jain = squares > 0 ? sum * sum / (static_cast<double>(bottleneck.flows) * squares) : 0;
    outcome.dropped = wire.a_to_b().counters().cableQueueFull;
    outcome.repeated = sender.tcp().counters().tcpRetransSegs;
    outcome.segments = sender.tcp().counters().tcpOutSegs;
    outcome.timeouts = sender.tcp().counters().retransmissionTimeouts;
    return outcome;
}

}  // namespace strata::test
