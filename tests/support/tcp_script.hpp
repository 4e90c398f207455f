// TcpScript: one TCP of ours, and a peer that is the test itself.
//
// The test says what the peer sends and what our side must emit,
// segment by segment, in virtual time:
//
//     TcpScript tcp;
//     auto* connection = tcp.established();
//     tcp.peer_sends({.seq = 1, .ack = 1, .payload = "hello"});
//     tcp.pass(40ms);
//     tcp.emits({.seq = 1, .ack = 6});
//     tcp.emits_nothing();
//
// Sequence numbers are relative: 0 is each side's SYN, 1 the first byte.
#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <optional>
#include <string>

#include "strata/0_foundation/context.hpp"
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"
#include "strata/4_transport/tcp/tcp.hpp"
#include "tests/support/fake_network.hpp"

namespace strata::test {

namespace tcp = transport::tcp;

// The control bits as people write them: "S", "SA", "A", "FA", "R", "RA", "PA".
[[nodiscard]] tcp::ControlBits control_bits(std::string_view letters);

struct PeerSegment {
    std::uint32_t seq = 0;
    std::uint32_t ack = 0;
    std::string_view control = "A";
    std::string payload = {};
    std::uint16_t wnd = 65535;
    std::optional<std::uint16_t> mss = {};
    std::optional<std::uint8_t> scale = {};
    bool sack_permitted = false;
    std::optional<tcp::Timestamps> timestamps = {};
    std::vector<tcp::SequenceRange> sack = {};
    std::uint16_t up = 0;
    PortNumber port{40000};  // of the peer
    std::optional<tcp::SequenceNumber> exact_ack =
        {};  // instead of `ack`, for a connection whose ISS is not the script's
};

// What is compared is what is set.
struct Expected {
    std::optional<std::uint32_t> seq = {};
    std::optional<std::uint32_t> ack = {};
    std::string_view control = "";  // without PSH, which is a hint
    std::optional<std::string> payload = {};
    std::optional<std::size_t> length = {};
    std::optional<std::uint32_t> wnd = {};
};

struct Emitted {
    std::uint32_t seq = 0;  // relative
    std::uint32_t ack = 0;  // relative
    tcp::ControlBits control;
    std::uint16_t wnd = 0;
    tcp::SegmentOptions options;
    std::string payload;
    std::size_t segment_size = 0;  // not 0: a super-segment
    tcp::SequenceNumber exact_seq;
    PortNumber port{};  // of the peer
};

class TcpScript {
public:
    explicit TcpScript(const tcp::TcpOptions& options = {});

    static constexpr Ipv4Address own{10, 0, 0, 1};
    static constexpr Ipv4Address peer{10, 0, 0, 2};
    static constexpr PortNumber our_port{80};
    static constexpr PortNumber peer_port{40000};
    static constexpr std::uint32_t peer_iss = 1000;

    // Handshakes done: we accepted, or we connected. The peer offers
    // MSS 1460 and nothing else unless said.
    tcp::Connection* accepted(const tcp::ListenOptions& options = {}, PeerSegment syn = {.control = "S", .mss = 1460});
    tcp::Connection* connected(const tcp::ConnectionOptions& options = {},
                               PeerSegment syn = {.ack = 1, .control = "SA", .mss = 1460});
    tcp::Connection* connecting(const tcp::ConnectionOptions& options = {});
    tcp::Listener& listening(const tcp::ListenOptions& options = {});
    // A connection in each state of RFC 9293 figure 5, opened with the options given. Ours are the
    // octets from 1 on, the peer's too; a FIN is octet 1. Of a connection at rest there is only a
    // record, which `id` names; of one in SYN-RECEIVED as well.
    void syn_received(const tcp::ListenOptions& options = {});
    tcp::Connection* syn_sent(const tcp::ConnectionOptions& options = {});
    tcp::Connection* established(const tcp::ListenOptions& options = {}) { return accepted(options); }
    tcp::Connection* fin_wait_1(const tcp::ListenOptions& options = {});
    tcp::Connection* fin_wait_2(const tcp::ListenOptions& options = {});
    tcp::Connection* closing(const tcp::ListenOptions& options = {});
    tcp::Connection* close_wait(const tcp::ListenOptions& options = {});
    tcp::Connection* last_ack(const tcp::ListenOptions& options = {});
    void time_wait(const tcp::ListenOptions& options = {});

    void peer_sends(const PeerSegment& segment, bool burst_ends = true);
    // Takes the next emitted segment, and compares.
    Emitted emits(const Expected& expected = {});
    void emits_nothing();
    void discard_emitted() { net.sent.clear(); }
    void pass(Duration duration) { scheduler.run_for(duration); }
    [[nodiscard]] std::string read(tcp::Connection* connection);
    [[nodiscard]] tcp::SequenceNumber our_sequence(std::uint32_t relative) const { return our_iss + relative; }

    VirtualScheduler scheduler;
    SeededEntropy entropy{1};
    PacketPool pool;
    FakeNetwork net{own};
    Context context{scheduler, entropy, pool};
    std::unique_ptr<tcp::Tcp> stack;
    std::unique_ptr<tcp::Listener> listener;
    tcp::SequenceNumber our_iss;
    tcp::ConnectionId id{{own, our_port}, {peer, peer_port}};

private:
    void learn_iss();
};

// A user that notes what it is told.
struct NotingUser final : tcp::ConnectionUser {
    void connected() override { ++connects; }
    void readable() override { ++reads; }
    void writable() override { ++writes; }
    void closed(std::error_code code) override {
        ++closes;
        error = code;
    }
    int connects = 0, reads = 0, writes = 0, closes = 0;
    std::error_code error;
};

}  // namespace strata::test
