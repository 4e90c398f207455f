// World: a host with every bound set small, its peer, its users, and
// the rules that hold after each step.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "peer.hpp"
#include "script.hpp"
#include "strata/host/host.hpp"

namespace strata::fuzz {

// What a connection's user does when it is called.
enum class Habit : std::uint8_t { none, reads, echoes, closes_at_end, aborts, releases };

class World;

// Who asked for an echo.
struct Pinger final : network::EchoUser {
    void echo_replied(const network::EchoReply& reply) override;
    bool echo_failed(std::uint16_t sequence, const network::ErrorReport& report) override;
};

// Who looks at what is not for the host.
struct Onlooker final : link::FrameObserver {
    void overheard(const Packet& frame, const link::EthernetHeader& header) override;
};

// A connection in the hands of its user.
struct Held final : tcp::ConnectionUser {
    void connected() override;
    void readable() override;
    void writable() override;
    void closed(std::error_code error) override;
    void read_all();

    World* world = nullptr;
    tcp::Connection* connection = nullptr;
    Habit habit = Habit::none;
};

class World {
public:
    static constexpr std::size_t connections_max = 8;
    static constexpr std::size_t listeners = 2;

    // Reads its options from the script's first bytes.
    explicit World(Script& script);
    World(const World&) = delete;
    World& operator=(const World&) = delete;
    ~World();

    // --- for the steps
    void hold(tcp::Connection* connection, Habit habit);
    void let_go(Held& held);
    void listen(std::size_t which);
    void pass(Duration duration);
    // Remembers what a step may cause the host to send, before it is done.
    void begin_step();
    // Aborts with a message if a rule is broken.
    void check(bool time_passed);
    // From now on the port has room, users read, and the peer fills
    // gaps and acknowledges: all that was written arrives.
    void recover();
    // Everybody leaves; hours later nothing may be left.
    void end();

    boost::asio::io_context io;
    VirtualScheduler scheduler;
    SeededEntropy entropy;
    tcp::ConnectionOptions connection_options;
    tcp::TcpOptions tcp_options;
    bool ends_in_the_middle = false;
    bool accept_source_routes = false;
    bool udp_checksum = true;
    Peer peer;
    std::array<Held, connections_max> held;
    std::unique_ptr<host::Host> host;
    std::array<std::unique_ptr<tcp::Listener>, listeners> listening;
    std::unique_ptr<transport::UdpSocket> socket;
    std::array<std::unique_ptr<transport::UdpSocket>, 4> sockets;  // with `socket` one more than may be open
    Pinger pinger;
    Onlooker onlooker;
    bool has_vlan = false;  // VLAN 10 on the same port, 10.0.10.1/24: interface 1
    std::unique_ptr<network::EchoClient> echo;

private:
    World(Script& script, std::uint8_t features);
    void choose_options(Script& script);
    [[nodiscard]] host::HostOptions host_options() const;
    void check_connection(const tcp::Connection& connection) const;
    void check_listener(tcp::Listener& listener) const;
    void check_progress(const tcp::Connection& connection) const;
    void mend_cable();
    bool recovered_one(const tcp::Connection& connection);
    void serve_flow(Flow& flow, const tcp::ControlBlock& block);
    [[nodiscard]] std::size_t segments_waiting() const;

    std::size_t frames_before_ = 0;
    std::size_t segments_before_ = 0;
};

}  // namespace strata::fuzz
