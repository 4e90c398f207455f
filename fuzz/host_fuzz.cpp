// A whole host, fed frames and time: nothing crashes, hangs, or grows without bound.
//
// The input is a script: each step is a byte that says what happens, and what that needs. Frames may be raw, or made to get further: an
// IPv4 header for us, right checksums, and sequence numbers near those of a connection that exists.
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <vector>

#include "strata/0_foundation/checksum.hpp"
#include "strata/1_physical/port.hpp"
#include "strata/host/host.hpp"

using namespace strata;

namespace {

namespace tcp = transport::tcp;

constexpr Ipv4Address ours{10, 0, 0, 1};
constexpr Ipv4Address peer{10, 0, 0, 2};
constexpr MacAddress our_mac{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress peer_mac{{2, 0, 0, 0, 0, 2}};

// Keeps the newest frame that left, from which the script's peer learns sequence numbers.
class FuzzPort final : public physical::Port {
public:
    [[nodiscard]] const physical::PortFeatures& features() const noexcept override { return features_; }
    [[nodiscard]] bool link_up() const noexcept override { return up; }
    void attach(physical::PortUser* above) noexcept override { user = above; }
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override {
        for (Packet& frame : frames) {
            std::vector<std::byte> bytes(frame.size());
            frame.copy_to(bytes);
            if (bytes.size() >= 54 && load_u8(bytes.data() + 23) == 6) newest = std::move(bytes);
            frame.reset();
        }
        return frames.size();
    }
    [[nodiscard]] bool writable() const noexcept override { return true; }
    physical::PortUser* user = nullptr;
    bool up = true;
    std::vector<std::byte> newest;

private:
    physical::PortFeatures features_;
};

class Script {
public:
    Script(const std::uint8_t* data, std::size_t size) : rest_(std::as_bytes(std::span(data, size))) {}
    [[nodiscard]] bool over() const { return rest_.empty(); }
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const std::uint8_t value = load_u8(rest_.data());
        rest_ = rest_.subspan(1);
        return value;
    }
    Bytes bytes(std::size_t count) {
        const Bytes taken = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }

private:
    Bytes rest_;
};

struct World {
    World() {
        (void)host.add_interface(port, {ours, 24}, {.mac = our_mac});
        listener = std::move(*host.tcp().listen({{}, PortNumber{80}}, {.backlog = 4, .syn_queue_max = 4}));
        socket = std::move(*host.udp().open({{}, PortNumber{53}}));
        (void)host.tcp().connect({peer, PortNumber{81}}, &user, {}, {ours, PortNumber{4000}});
    }

    void deliver(Bytes bytes) {
        Packet frame = Packet::copy_of(pool, bytes);
        port.user->frames_arrived(std::span(&frame, 1));
    }
    // Wraps a transport packet in headers for us, with right checksums.
    void deliver_ip(std::uint8_t protocol, std::vector<std::byte> payload, std::size_t checksum_field) {
        std::vector<std::byte> frame(34 + payload.size());
        our_mac.store(frame.data());
        peer_mac.store(frame.data() + 6);
        store_be16(frame.data() + 12, 0x0800);
        std::byte* ip = frame.data() + 14;
        store_u8(ip, 0x45);
        store_be16(ip + 2, static_cast<std::uint16_t>(20 + payload.size()));
        store_u8(ip + 8, 64);
        store_u8(ip + 9, protocol);
        peer.store(ip + 12);
        ours.store(ip + 16);
        store_be16(ip + 10, internet_checksum(Bytes(ip, 20)));
        if (payload.size() >= checksum_field + 2) {
            store_be16(payload.data() + checksum_field, 0);
            ChecksumSum sum;
            if (protocol != 1)
                sum.add_sum(network::Service::pseudo_header_sum(peer, ours, static_cast<network::Protocol>(protocol),
                                                                payload.size()));
            sum.add(payload);
            store_be16(payload.data() + checksum_field, sum.checksum());
        }
        std::copy(payload.begin(), payload.end(), frame.begin() + 34);
        deliver(frame);
    }
    // A segment of the peer, near the numbers that the newest of ours told.
    void deliver_segment(Script& script) {
        const std::uint8_t control = script.byte();
        const auto seq_shift = static_cast<std::int8_t>(script.byte());
        const auto ack_shift = static_cast<std::int8_t>(script.byte());
        const std::uint8_t header_words = script.byte();
        std::vector<std::byte> segment(20);
        const Bytes tail = script.bytes(script.byte());
        segment.insert(segment.end(), tail.begin(), tail.end());
        store_be16(segment.data(), (header_words & 0x80) != 0 ? 81 : 5000);
        store_be16(segment.data() + 2, (header_words & 0x80) != 0 ? 4000 : 80);
        std::uint32_t seq = 1000, ack = 0;
        if (!port.newest.empty()) {
            seq = load_be32(port.newest.data() + 42);
            ack = load_be32(port.newest.data() + 38) + 1;
        }
        store_be32(segment.data() + 4, seq + static_cast<std::uint32_t>(seq_shift));
        store_be32(segment.data() + 8, ack + static_cast<std::uint32_t>(ack_shift));
        store_u8(segment.data() + 12, static_cast<std::uint8_t>((5 + header_words % 11) << 4));
        store_u8(segment.data() + 13, control);
        store_be16(segment.data() + 14, static_cast<std::uint16_t>(header_words * 257));
        deliver_ip(6, std::move(segment), 16);
    }
    void use(std::uint8_t how) {
        std::array<std::byte, 4096> buffer{};
        if (tcp::Connection* accepted = listener->accept()) connections.push_back(accepted);
        if (connections.empty()) return;
        tcp::Connection* connection = connections[how % connections.size()];
        switch (how % 5) {
            case 0: (void)connection->write(buffer); break;
            case 1: (void)connection->read(buffer); break;
            case 2: connection->close(); break;
            case 3: connection->abort(); break;
            default: host.tcp().release(connection); std::erase(connections, connection);
        }
    }

    boost::asio::io_context io;
    VirtualScheduler scheduler;
    SeededEntropy entropy{1};
    PacketPool pool;
    FuzzPort port;
    tcp::ConnectionUser user;
    host::Host host{io.get_executor(), scheduler, entropy};
    std::unique_ptr<tcp::Listener> listener;
    std::unique_ptr<transport::UdpSocket> socket;
    std::vector<tcp::Connection*> connections;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size > 4096) return 0;
    World world;
    Script script(data, size);
    for (int steps = 0; !script.over() && steps < 512; ++steps) {
        const std::uint8_t step = script.byte();
        switch (step % 8) {
            case 0: world.deliver(script.bytes(script.byte())); break;
            case 1: {
                const Bytes payload = script.bytes(script.byte());
                world.deliver_ip(1, {payload.begin(), payload.end()}, 2);
                break;
            }
            case 2: {
                const Bytes payload = script.bytes(script.byte());
                world.deliver_ip(17, {payload.begin(), payload.end()}, 6);
                break;
            }
            case 3:
            case 4: world.deliver_segment(script); break;
            case 5: world.scheduler.run_for(std::chrono::milliseconds(script.byte())); break;
            case 6: world.scheduler.run_for(std::chrono::seconds(script.byte())); break;
            default: world.use(script.byte());
        }
    }
    world.scheduler.run_for(1h);
    if (world.host.pool().bytes_in_use() > (64u << 20)) std::abort();
    return 0;
}
