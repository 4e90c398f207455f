// DatagramRelay: datagrams from one network carried to services on another, and their answers back.
#include "strata/5_session/gateway/datagram_relay.hpp"

#include <gtest/gtest.h>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/lab/lab.hpp"

namespace strata::session {
namespace {

// A socket that keeps what it hears, as "text from ADDRESS:PORT".
class Party {
public:
    Party(Network& network, const Address& at) : socket_(network.open_datagram(at)) { hear(); }
    void send(const std::string& text, const Address& to) {
        const auto bytes = std::make_shared<std::string>(text);
        socket_.async_send_to(asio::buffer(*bytes), to,
                              [bytes](error_code error, std::size_t) { EXPECT_FALSE(error) << error.message(); });
    }
    [[nodiscard]] std::vector<std::string> take() { return std::exchange(heard_, {}); }
    [[nodiscard]] Address last_from() const { return from_; }
    [[nodiscard]] std::uint16_t port() const { return number_of(socket_.local().endpoint().port); }

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
    std::string room_ = std::string(ipv4_datagram_max, '\0');
    std::vector<std::string> heard_;
    Address from_;
};

using Texts = std::vector<std::string>;

//   client 10.0.0.1, another 10.0.0.3 ── front 10.0.0.2, the relay, 10.9.0.2 ── service 10.9.0.1
struct Relayed : testing::Test {
    explicit Relayed(const DatagramRelayOptions& options = {})
        : relay(front.network(), front.network(), Ipv4Address{10, 9, 0, 2}, options) {
        lab.join(client, "10.0.0.1/24", front, "10.0.0.2/24");
        lab.join(front, "10.9.0.2/24", inside, "10.9.0.1/24");
        error_code error;
        relay.carry({Ipv4Address{10, 0, 0, 2}, 6969}, {Ipv4Address{10, 9, 0, 1}, 69}, error);
        EXPECT_FALSE(error);
        service.emplace(inside.network(), Address{Ipv4Address{}, 69});
    }
    void settle() { lab.run_for(10ms); }
    // Asks from a port of its own, and hears an answer; `again`: and says something more.
    std::unique_ptr<Party> asks(bool again = false) {
        auto party = std::make_unique<Party>(client.network(), Address{Ipv4Address{}, 0});
        party->send("question", door);
        settle();
        if (service->take().empty()) return party;
        service->send("answer", service->last_from());
        settle();
        if (again) party->send("thanks", door);
        settle();
        (void)service->take();
        return party;
    }

    lab::VirtualLab lab{5};
    host::Host& client = lab.add_host("client");
    host::Host& front = lab.add_host("front");
    host::Host& inside = lab.add_host("inside");
    DatagramRelay relay;
    const Address door{Ipv4Address{10, 0, 0, 2}, 6969};
    std::optional<Party> service;
};

TEST_F(Relayed, CarriesDatagramsAndTheirAnswers) {
    Party party{client.network(), {Ipv4Address{}, 4000}};
    party.send("who", door);
    party.send("are you", door);
    settle();
    EXPECT_EQ(service->take(), (Texts{"who", "are you"}));
    EXPECT_EQ(service->last_from().endpoint().address, IpAddress{(Ipv4Address{10, 9, 0, 2})});
    EXPECT_EQ(relay.outside_of(service->last_from()), (Address{Ipv4Address{10, 0, 0, 1}, 4000}));
    service->send("me", service->last_from());
    settle();
    EXPECT_EQ(party.take(), Texts{"me"});
    EXPECT_EQ(party.last_from(), door) << "from where it was asked";
    EXPECT_EQ(relay.flows(), 1u);
    EXPECT_EQ(relay.counters().datagrams_in, 2u);
    EXPECT_EQ(relay.counters().datagrams_out, 1u);
}

TEST_F(Relayed, TheLongestDatagramComesWhole) {
    Party party{client.network(), {Ipv4Address{}, 0}};
    const std::string text(65507, 'x');
    party.send(text, door);
    settle();
    EXPECT_EQ(service->take(), Texts{text});
    service->send(text, service->last_from());
    settle();
    EXPECT_EQ(party.take(), Texts{text});
}

// RFC 1350 4.
TEST_F(Relayed, AServiceThatAnswersFromAnotherPortHasOneOutside) {
    Party party{client.network(), {Ipv4Address{}, 0}};
    party.send("request", door);
    settle();
    Party transfer{inside.network(), {Ipv4Address{}, 50001}};
    transfer.send("data 1", service->last_from());
    settle();
    ASSERT_EQ(party.take(), Texts{"data 1"});
    const Address outside = party.last_from();
    EXPECT_EQ(outside.endpoint().address, door.endpoint().address);
    EXPECT_NE(outside, door);
    party.send("acknowledged", outside);
    settle();
    EXPECT_EQ(transfer.take(), Texts{"acknowledged"});
    EXPECT_EQ(transfer.last_from(), service->last_from()) << "one client, one address inside";
    transfer.send("data 2", transfer.last_from());
    settle();
    EXPECT_EQ(party.take(), Texts{"data 2"});
    EXPECT_EQ(party.last_from(), outside) << "the same as before";
    EXPECT_EQ(service->take(), Texts{"request"}) << "and nothing of it came to the door";
}

TEST_F(Relayed, StrangersAreHeardByNobody) {
    Party party{client.network(), {Ipv4Address{}, 4000}};
    party.send("request", door);
    settle();
    Party transfer{inside.network(), {Ipv4Address{}, 50001}};
    transfer.send("data", service->last_from());
    settle();
    Party other{client.network(), {Ipv4Address{}, 4001}};
    other.send("forged", party.last_from());
    settle();
    EXPECT_EQ(transfer.take(), Texts{});
    auto& elsewhere = lab.add_host("elsewhere");
    lab.join(front, "10.8.0.2/24", elsewhere, "10.8.0.1/24");
    (void)elsewhere.internet().set_gateway(Ipv4Address{10, 8, 0, 2});
    Party impostor{elsewhere.network(), {Ipv4Address{}, 69}};
    impostor.send("forged", service->last_from());
    settle();
    EXPECT_EQ(party.take(), Texts{"data"});
    EXPECT_EQ(relay.counters().strangers, 2u);
}

struct ShortIdle : Relayed {
    ShortIdle() : Relayed({.idle_max = 30s}) {}
};

TEST_F(ShortIdle, IdleMax) {
    const auto party = asks();
    lab.run_for(29s);
    party->send("still here", door);
    lab.run_for(29s);
    EXPECT_EQ(relay.flows(), 1u);
    const Address known_as = service->last_from();
    lab.run_for(2s);
    EXPECT_EQ(relay.flows(), 0u);
    EXPECT_EQ(relay.counters().expired, 1u);
    EXPECT_EQ(relay.outside_of(known_as), known_as);
    party->send("back", door);
    settle();
    EXPECT_EQ(relay.flows(), 1u) << "a new one";
}

TEST_F(Relayed, AnAnswerKeepsAFlow) {
    const auto party = asks();
    for (int i = 0; i < 4; ++i) {
        lab.run_for(100s);
        service->send("news", service->last_from());
    }
    settle();
    EXPECT_EQ(party->take().size(), 5u);
}

struct FewFlows : Relayed {
    FewFlows() : Relayed({.flows_max = 3}) {}
};

TEST_F(FewFlows, FlowsMax) {
    const auto first = asks(true);
    const auto second = asks(true);
    const auto stranger = asks();
    EXPECT_EQ(relay.flows(), 3u);
    const auto third = asks(true);
    EXPECT_EQ(relay.flows(), 3u);
    EXPECT_EQ(relay.counters().evicted, 1u) << "who never said more has made room";
    (void)service->take();
    const auto fourth = asks();
    EXPECT_EQ(relay.counters().refused, 1u) << "those that have are kept";
    lab.run_for(10s);
    const auto fifth = asks();
    EXPECT_EQ(relay.counters().evicted, 2u) << "for a while";
    EXPECT_EQ(relay.counters().refused, 1u);
}

TEST_F(FewFlows, AFloodOfStrangersKeepsNobodyOut) {
    const auto settled = asks(true);
    std::vector<std::unique_ptr<Party>> flood;
    for (int i = 0; i < 50; ++i) {
        flood.push_back(std::make_unique<Party>(client.network(), Address{Ipv4Address{}, 0}));
        flood.back()->send("forged", door);
    }
    settle();
    (void)service->take();
    settled->send("mine", door);
    settle();
    EXPECT_EQ(service->take(), Texts{"mine"});
    EXPECT_EQ(relay.flows(), 3u);
    EXPECT_EQ(relay.counters().flows, 51u);
}

struct FewOfOneAddress : Relayed {
    FewOfOneAddress() : Relayed({.flows_per_address_max = 2}) {}
};

TEST_F(FewOfOneAddress, FlowsPerAddressMax) {
    const auto first = asks(), second = asks(), third = asks();
    EXPECT_EQ(relay.flows(), 2u);
    EXPECT_EQ(relay.counters().refused, 1u);
    lab.run_for(121s);
    const auto fourth = asks();
    EXPECT_EQ(relay.flows(), 1u);
}

struct FewWays : Relayed {
    FewWays() : Relayed({.ways_max = 2}) {}
};

TEST_F(FewWays, WaysMax) {
    Party party{client.network(), {Ipv4Address{}, 0}};
    party.send("request", door);
    settle();
    std::vector<std::unique_ptr<Party>> transfers;
    for (std::uint16_t port = 50001; port <= 50003; ++port) {
        transfers.push_back(std::make_unique<Party>(inside.network(), Address{Ipv4Address{}, port}));
        transfers.back()->send(std::to_string(port), service->last_from());
        settle();
    }
    EXPECT_EQ(party.take(), (Texts{"50001", "50002"}));
    EXPECT_EQ(relay.counters().strangers, 1u);
}

struct ShortDatagrams : Relayed {
    ShortDatagrams() : Relayed({.datagram_max = 4}) {}
};

TEST_F(ShortDatagrams, DatagramMax) {
    Party party{client.network(), {Ipv4Address{}, 0}};
    party.send("four", door);
    party.send("five!", door);
    settle();
    EXPECT_EQ(service->take(), (Texts{"four", "five"})) << "what is longer is cut";
}

TEST_F(Relayed, AbortEndsAllFlows) {
    const auto party = asks(true);
    relay.abort();
    EXPECT_EQ(relay.flows(), 0u);
    party->send("too late", door);
    settle();
    EXPECT_EQ(service->take(), Texts{});
}

TEST_F(Relayed, ADoorThatIsTakenIsAnError) {
    error_code error;
    relay.carry({Ipv4Address{10, 0, 0, 2}, 6969}, {Ipv4Address{10, 9, 0, 1}, 70}, error);
    EXPECT_EQ(error, asio::error::address_in_use);
}

}  // namespace
}  // namespace strata::session
