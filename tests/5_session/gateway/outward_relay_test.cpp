// OutwardRelay: datagrams that lead out of a network inside the process, and who is heard back.
#include "strata/5_session/gateway/outward_relay.hpp"

#include <gtest/gtest.h>

#include "strata/5_session/gateway/outward_network.hpp"
#include "strata/lab/lab.hpp"

namespace strata::session {
namespace {

using Texts = std::vector<std::string>;

// A socket that keeps what it hears, and from whom.
class Talker {
public:
    Talker(Network& network, const Address& at) : socket_(network.open_datagram(at)) { hear(); }
    // What sending it says.
    error_code send(const std::string& text, const Address& to, lab::VirtualLab& lab) {
        error_code failed = asio::error::would_block;
        socket_.async_send_to(asio::buffer(text), to, [&](error_code error, std::size_t) { failed = error; });
        lab.run_for(20ms);
        return failed;
    }
    [[nodiscard]] Texts take() { return std::exchange(heard_, {}); }
    [[nodiscard]] const Address& from() const { return from_; }
    [[nodiscard]] Datagram& socket() { return socket_; }

private:
    void hear() {
        socket_.async_receive_from(asio::buffer(room_),
                                   [this](error_code error, std::size_t size, const Address& from) {
                                       if (error) return;
                                       heard_.push_back(room_.substr(0, size));
                                       from_ = from;
                                       hear();
                                   });
    }
    Datagram socket_;
    std::string room_ = std::string(65507, '\0');
    Texts heard_;
    Address from_;
};

//   inner 10.0.0.1 ── front 10.0.0.2 == relay == gate 10.1.0.1 ── far 10.1.0.2, other 10.1.1.2
struct OutwardRelayed : testing::Test {
    explicit OutwardRelayed(const OutwardRelayOptions& options = {})
        : network(inner.network(), front.network(), gate.network(), gateway, {Ipv4Address{10, 0, 0, 0}, 24},
                  Ipv4Address{10, 0, 0, 2}, options) {
        lab.join(inner, "10.0.0.1/24", front, "10.0.0.2/24");
        lab.join(gate, "10.1.0.1/24", far, "10.1.0.2/24");
        lab.join(gate, "10.1.1.1/24", other, "10.1.1.2/24");
        EXPECT_FALSE(other.set_gateway(Ipv4Address{10, 1, 1, 1}));
        service.emplace(far.network(), Address{Ipv4Address{}, 69});
    }
    const OutwardRelayCounters& counters() const { return network.relay().counters(); }
    std::unique_ptr<Talker> program() { return std::make_unique<Talker>(network, Address{Ipv4Address{}, 0}); }
    // From a port of the far host that nobody was told of.
    void answer_from(std::uint16_t port, const std::string& text) {
        Talker transfer(far.network(), {Ipv4Address{}, port});
        EXPECT_FALSE(transfer.send(text, service->from(), lab));
    }

    lab::VirtualLab lab{7};
    host::Host& inner = lab.add_host("inner");
    host::Host& front = lab.add_host("front");
    host::Host& gate = lab.add_host("gate");
    host::Host& far = lab.add_host("far");
    host::Host& other = lab.add_host("other");
    Gateway gateway{gate.network(), front.network()};
    OutwardNetwork network;
    const Address door{Ipv4Address{10, 1, 0, 2}, 69};
    std::optional<Talker> service;
};

TEST_F(OutwardRelayed, CarriesBothWays) {
    const auto talker = program();
    EXPECT_FALSE(talker->send("who", door, lab));
    EXPECT_FALSE(talker->send("are you", door, lab));
    EXPECT_EQ(service->take(), (Texts{"who", "are you"}));
    EXPECT_EQ(service->from().endpoint().address, IpAddress{(Ipv4Address{10, 1, 0, 1})});
    EXPECT_FALSE(service->send("me", service->from(), lab));
    EXPECT_EQ(talker->take(), Texts{"me"});
    EXPECT_EQ(talker->from(), door) << "peers are known by their own addresses";
    EXPECT_EQ(network.relay().flows(), 1u);
    EXPECT_EQ(network.relay().ways(), 1u);
    EXPECT_EQ(counters().datagrams_out, 2u);
    EXPECT_EQ(counters().datagrams_in, 1u);
}

TEST_F(OutwardRelayed, TheLongestDatagramComesWhole) {
    const auto talker = program();
    const std::string text(65507, 'x');
    EXPECT_FALSE(talker->send(text, door, lab));
    EXPECT_EQ(service->take(), Texts{text});
    EXPECT_FALSE(service->send(text, service->from(), lab));
    EXPECT_EQ(talker->take(), Texts{text});
}

TEST_F(OutwardRelayed, SeveralLeaveAtOnce) {
    const auto talker = program();
    const std::string one = "one", two = "two";
    const std::array<Bytes, 2> both{std::as_bytes(std::span(one)), std::as_bytes(std::span(two))};
    EXPECT_EQ(talker->socket().send_at_once(both, door), 2u);
    lab.run_for(20ms);
    EXPECT_EQ(service->take(), (Texts{"one", "two"}));
}

// RFC 1350 4.
TEST_F(OutwardRelayed, AHostThatWasAskedAnswersFromAnyPort) {
    const auto talker = program();
    EXPECT_FALSE(talker->send("request", door, lab));
    Talker transfer(far.network(), {Ipv4Address{}, 40001});
    EXPECT_FALSE(transfer.send("data 1", service->from(), lab));
    EXPECT_EQ(talker->take(), Texts{"data 1"});
    EXPECT_EQ(talker->from(), (Address{Ipv4Address{10, 1, 0, 2}, 40001}));
    EXPECT_FALSE(talker->send("acknowledged", talker->from(), lab));
    EXPECT_EQ(transfer.take(), Texts{"acknowledged"});
    EXPECT_EQ(transfer.from(), service->from()) << "from the port that asked";
}

// RFC 4787 5.
TEST_F(OutwardRelayed, NobodyElseIsHeard) {
    const auto talker = program();
    EXPECT_FALSE(talker->send("request", door, lab));
    Talker stranger(other.network(), {Ipv4Address{}, 69});
    EXPECT_FALSE(stranger.send("forged", service->from(), lab));
    EXPECT_EQ(talker->take(), Texts{});
    EXPECT_EQ(counters().strangers, 1u);
    // Nor does a host inside reach outside by the port of another's.
    Talker within(front.network(), {Ipv4Address{10, 0, 0, 2}, 0});
    EXPECT_FALSE(within.send("hello", {Ipv4Address{10, 0, 0, 2}, 49152}, lab));
    EXPECT_EQ(service->take(), Texts{"request"});
}

TEST_F(OutwardRelayed, WhatIsInsideStaysThere) {
    const auto talker = program();
    Talker within(front.network(), {Ipv4Address{}, 7});
    EXPECT_FALSE(talker->send("hello", {Ipv4Address{10, 0, 0, 2}, 7}, lab));
    EXPECT_EQ(within.take(), Texts{"hello"});
    EXPECT_FALSE(within.send("hello you", within.from(), lab));
    EXPECT_EQ(talker->take(), Texts{"hello you"});
    EXPECT_EQ(talker->from(), (Address{Ipv4Address{10, 0, 0, 2}, 7}));
    EXPECT_FALSE(talker->send("group", {Ipv4Address{239, 1, 2, 3}, 7}, lab));
    EXPECT_EQ(network.relay().flows(), 0u);
}

TEST_F(OutwardRelayed, AConnectedOneHearsItsPeerAlone) {
    const auto talker = program();
    EXPECT_FALSE(talker->socket().connect(door));
    EXPECT_FALSE(talker->send("hello", Address{}, lab));
    EXPECT_EQ(service->take(), Texts{"hello"});
    answer_from(40001, "not I");
    EXPECT_FALSE(service->send("I", service->from(), lab));
    EXPECT_EQ(talker->take(), Texts{"I"});
}

TEST_F(OutwardRelayed, AFlowEndsWithItsSocket) {
    auto talker = program();
    EXPECT_FALSE(talker->send("hello", door, lab));
    EXPECT_EQ(network.relay().flows(), 1u);
    talker.reset();
    lab.run_for(1s);
    EXPECT_EQ(network.relay().flows(), 0u);
    EXPECT_EQ(network.relay().ways(), 0u);
    EXPECT_FALSE(service->send("too late", service->from(), lab));
    EXPECT_EQ(counters().datagrams_in, 0u);
}

TEST_F(OutwardRelayed, WhatWasSentLastStillLeaves) {
    auto talker = program();
    EXPECT_FALSE(talker->send("hello", door, lab));
    const std::string last = "goodbye";
    const Bytes bytes = std::as_bytes(std::span(last));
    EXPECT_EQ(talker->socket().send_at_once({&bytes, 1}, door), 1u);
    talker.reset();
    lab.run_for(1s);
    EXPECT_EQ(service->take(), (Texts{"hello", "goodbye"}));
    EXPECT_EQ(network.relay().flows(), 0u);
}

TEST_F(OutwardRelayed, PathsAreThoseOfBothSides) {
    EXPECT_EQ(network.path_mtu(Ipv4Address{10, 1, 0, 2}), 1500u);
    EXPECT_EQ(network.path_mtu(Ipv4Address{10, 0, 0, 2}), 1500u);
}

struct OutwardRelayOfTwo : OutwardRelayed {
    OutwardRelayOfTwo() : OutwardRelayed({.flows_max = 2, .ways_max = 2, .idle_max = 30s, .datagram_max = 10}) {}
};

TEST_F(OutwardRelayOfTwo, FlowsMax) {
    const auto one = program();
    auto two = program();
    const auto three = program();
    EXPECT_FALSE(one->send("1", door, lab));
    EXPECT_FALSE(two->send("2", door, lab));
    EXPECT_EQ(three->send("3", door, lab), asio::error::no_buffer_space);
    EXPECT_EQ(counters().refused, 1u);
    EXPECT_EQ(service->take(), (Texts{"1", "2"}));
    two.reset();
    lab.run_for(1s);
    EXPECT_FALSE(three->send("3", door, lab));
    EXPECT_EQ(service->take(), Texts{"3"});
}

TEST_F(OutwardRelayOfTwo, WaysMaxOfAnswers) {
    const auto talker = program();
    EXPECT_FALSE(talker->send("request", door, lab));
    answer_from(40001, "two");
    answer_from(40002, "three");
    EXPECT_EQ(talker->take(), Texts{"two"});
    EXPECT_EQ(network.relay().ways(), 2u);
    EXPECT_EQ(counters().strangers, 1u);
}

TEST_F(OutwardRelayOfTwo, WaysMaxOfWhoIsSentTo) {
    const auto talker = program();
    EXPECT_FALSE(talker->send("1", door, lab));
    answer_from(40001, "answer");
    EXPECT_FALSE(talker->send("2", {Ipv4Address{10, 1, 1, 2}, 7}, lab));
    EXPECT_EQ(counters().evicted, 1u) << "who was only heard from";
    EXPECT_FALSE(talker->send("3", {Ipv4Address{10, 1, 1, 2}, 8}, lab));
    EXPECT_EQ(counters().evicted, 2u) << "who is idle longest";
    EXPECT_EQ(network.relay().ways(), 2u);
    (void)service->take();
    EXPECT_FALSE(talker->send("4", door, lab));
    EXPECT_EQ(service->take(), Texts{"4"}) << "it is only forgotten";
}

TEST_F(OutwardRelayOfTwo, IdleMax) {
    const auto talker = program();
    EXPECT_FALSE(talker->send("request", door, lab));
    lab.run_for(29s);
    EXPECT_FALSE(service->send("answer", service->from(), lab));
    lab.run_for(29s);
    EXPECT_FALSE(service->send("another", service->from(), lab));
    EXPECT_EQ(talker->take(), (Texts{"answer", "another"}));
    lab.run_for(31s);
    EXPECT_EQ(network.relay().ways(), 0u);
    EXPECT_EQ(counters().expired, 1u);
    EXPECT_FALSE(service->send("too late", service->from(), lab));
    EXPECT_EQ(talker->take(), Texts{});
    EXPECT_EQ(counters().strangers, 1u);
    EXPECT_FALSE(talker->send("again", door, lab));
    EXPECT_EQ(service->take(), (Texts{"request", "again"}));
}

TEST_F(OutwardRelayOfTwo, DatagramMax) {
    const auto talker = program();
    EXPECT_FALSE(talker->send("0123456789", door, lab));
    EXPECT_FALSE(talker->send("0123456789a", door, lab));
    EXPECT_EQ(service->take(), (Texts{"0123456789", "0123456789"}));
}

}  // namespace
}  // namespace strata::session
