// TcpPair: two TCPs of ours and nothing but a bad road between them, in virtual time.
//
//     left.tcp  ══(loss, duplication, reordering, corruption, delay)══  right.tcp
#pragma once

#include <list>
#include <memory>

#include "strata/0_foundation/context.hpp"
#include "strata/4_transport/tcp/tcp.hpp"
#include "tests/support/fake_network.hpp"

namespace strata::test {

namespace tcp = transport::tcp;

struct Road {
    double loss = 0;
    double duplication = 0;
    double reordering = 0;  // a packet that takes up to twice the delay
    double corruption = 0;
    Duration delay = 10ms;
    std::size_t mtu = 1500;
    bool shut = false;  // everything is lost
};

class TcpPair {
public:
    explicit TcpPair(std::uint64_t seed, const Road& road = {}, const tcp::TcpOptions& options = {});
    ~TcpPair();

    struct Side;
    VirtualScheduler scheduler;
    SeededEntropy entropy;
    PacketPool pool;
    Road road;
    struct InFlight {
        Timer timer;
        Packet packet;
    };
    std::list<InFlight> in_flight;  // freed with the pair, delivered or not
    std::unique_ptr<Side> left;
    std::unique_ptr<Side> right;
    std::uint64_t carried = 0;
};

struct TcpPair::Side {
    Side(TcpPair& pair, Ipv4Address address, const tcp::TcpOptions& options);
    // Puts the packet onto the road to the other side.
    void carry(const Packet& packet);

    TcpPair& pair;
    Side* other = nullptr;
    FakeNetwork network;
    std::unique_ptr<tcp::Tcp> tcp;
};

// Writes a stream of bytes that a seed determines and checks what
// comes, both at once; closes when all is written.
class Talker final : public tcp::ConnectionUser {
public:
    Talker(std::uint64_t send_seed, std::uint64_t receive_seed, std::size_t count)
        : out_(send_seed), in_(receive_seed), to_send_(count) {}
    void begin(tcp::Connection* connection);
    void connected() override { write(); }
    void readable() override { read(); }
    void writable() override { write(); }
    void closed(std::error_code code) override {
        over = true;
        error = code;
    }

    std::size_t received = 0;
    bool intact = true;
    bool end_seen = false;
    bool over = false;
    std::error_code error;

private:
    void read();
    void write();
    tcp::Connection* connection_ = nullptr;
    SeededEntropy out_;
    SeededEntropy in_;
    std::size_t to_send_;
    std::vector<std::byte> waiting_;
    std::vector<std::byte> expected_;
};

}  // namespace strata::test
