// A DHCP client in virtual time: each state, what is said in it, what ends it, and what is not
// believed.
#include "strata/7_application/dhcp/client/client.hpp"

#include <gtest/gtest.h>

#include "strata/7_application/dhcp/client/inquiry.hpp"
#include "tests/support/network.hpp"

namespace strata::application::dhcp {
namespace {

using State = Client::State;

constexpr MacAddress own_mac{{2, 0, 0, 0, 0, 7}};
constexpr Ipv4Address server{10, 0, 0, 1}, other_server{10, 0, 0, 2}, given{10, 0, 0, 100};

struct Sent {
    Message message;
    Ipv4Address to;
    Instant at;
    [[nodiscard]] MessageType type() const { return message.type().value(); }
};

// A server's answer to this.
Message reply_to(const Message& asked, MessageType type, Ipv4Address from = server) {
    Message reply;
    reply.op = Message::Operation::reply;
    reply.xid = asked.xid;
    reply.chaddr = asked.chaddr;
    reply.set_type(type);
    reply.options.set_address(OptionCode::server_identifier, from);
    if (type == MessageType::nak) return reply;
    reply.yiaddr = given;
    reply.options.set_address(OptionCode::subnet_mask, {255, 255, 255, 0});
    reply.options.set_u32(OptionCode::lease_time, 3600);
    return reply;
}

struct DhcpClientTest : testing::Test, ClientUser {
    test::World world{3};
    ClientOptions options{.identity = {.mac = own_mac}};
    std::unique_ptr<Client> client;
    std::vector<Sent> sent;
    std::vector<Lease> acquired, extended;
    std::vector<Loss> lost;
    bool declines = false;

    void send(const Message& message, Ipv4Address to) override { sent.push_back({message, to, world.scheduler.now()}); }
    void lease_acquired(const Lease& lease) override {
        acquired.push_back(lease);
        if (declines) client->decline();
    }
    void lease_extended(const Lease& lease) override { extended.push_back(lease); }
    void lease_lost(const Lease&, Loss why) override { lost.push_back(why); }

    void start() {
        client = std::make_unique<Client>(world.scheduler, world.entropy, *this, options);
        client->start();
    }
    void answer(MessageType type, Ipv4Address from = server) {
        client->deliver(reply_to(sent.back().message, type, from));
    }
    void bind() {
        start();
        answer(MessageType::offer);
        answer(MessageType::ack);
        ASSERT_EQ(client->state(), State::bound);
    }
    // Until something is sent.
    const Sent& next_sent() {
        const std::size_t before = sent.size();
        while (sent.size() == before && world.scheduler.step()) continue;
        return sent.back();
    }
};

// RFC 2131 4.4.1, table 5.
TEST_F(DhcpClientTest, ADiscoverHasWhatTheTableSays) {
    options.identity.host_name = "here";
    start();
    ASSERT_EQ(sent.size(), 1u);
    const Message& discover = sent[0].message;
    EXPECT_EQ(sent[0].to, Ipv4Address::broadcast());
    EXPECT_EQ(discover.op, Message::Operation::request);
    EXPECT_EQ(discover.type(), MessageType::discover);
    EXPECT_EQ(discover.chaddr, own_mac);
    EXPECT_TRUE(discover.broadcast) << "RFC 2131 4.1";
    EXPECT_TRUE(discover.ciaddr.is_any() && discover.yiaddr.is_any() && discover.giaddr.is_any());
    EXPECT_FALSE(discover.options.has(OptionCode::server_identifier));
    EXPECT_EQ(discover.options.text(OptionCode::host_name), "here");
    EXPECT_EQ(discover.options.u16(OptionCode::message_size_max), 1500);
    const Options::Value* list = discover.options.find(OptionCode::parameter_request_list);
    ASSERT_NE(list, nullptr);
    for (const int code : {1, 3, 6, 15, 26, 28, 51, 58, 59}) {
        EXPECT_NE(std::ranges::find(*list, static_cast<std::byte>(code)), list->end()) << code;
    }
    const Options::Value* identifier = discover.options.find(OptionCode::client_identifier);
    ASSERT_NE(identifier, nullptr);
    EXPECT_EQ(identifier->size(), 7u) << "RFC 2132 9.14: the hardware's type and address";
}

// RFC 2131 4.1.
TEST_F(DhcpClientTest, AsksAgainAfter4_8_16_32_64SecondsMoreOrLess) {
    start();
    for (const Duration wait : {4s, 8s, 16s, 32s, 64s, 64s, 64s}) {
        const Instant before = sent.back().at;
        const Sent& again = next_sent();
        EXPECT_GE(again.at - before, wait - 1s);
        EXPECT_LE(again.at - before, wait + 1s);
        EXPECT_EQ(again.message.xid, sent.front().message.xid);
        EXPECT_EQ(again.type(), MessageType::discover);
    }
    EXPECT_GE(sent.back().message.secs, 240);
    EXPECT_EQ(client->counters().dhcpOutDiscovers, 8u);
}

TEST_F(DhcpClientTest, ChanceTakesClientsApart) {
    start();
    const Instant first = next_sent().at;
    sent.clear();
    start();
    const Instant began = sent.back().at;
    EXPECT_NE(next_sent().at - began, first.time_since_epoch());
}

TEST_F(DhcpClientTest, TakesAnOfferAndIsBound) {
    start();
    world.run_for(2s);
    answer(MessageType::offer);
    ASSERT_EQ(sent.size(), 2u);
    const Message& request = sent[1].message;
    EXPECT_EQ(sent[1].to, Ipv4Address::broadcast());
    EXPECT_EQ(request.type(), MessageType::request);
    EXPECT_EQ(request.xid, sent[0].message.xid);
    EXPECT_EQ(request.secs, sent[0].message.secs) << "RFC 2131 4.4.1";
    EXPECT_EQ(request.options.address(OptionCode::requested_address), given);
    EXPECT_EQ(request.options.address(OptionCode::server_identifier), server);
    EXPECT_TRUE(request.ciaddr.is_any());
    answer(MessageType::ack);
    ASSERT_EQ(acquired.size(), 1u);
    EXPECT_EQ(acquired[0].address.to_string(), "10.0.0.100/24");
    EXPECT_EQ(acquired[0].expires_at, Instant{2s} + 3600s) << "from when it was asked for";
    EXPECT_EQ(client->counters().dhcpInOffers + client->counters().dhcpInAcks, 2u);
    ASSERT_NE(client->lease(), nullptr);
}

TEST_F(DhcpClientTest, BelievesOnlyAnswersToItself) {
    start();
    const Message good = reply_to(sent.back().message, MessageType::offer);
    const auto not_taken = [&](const Message& message) {
        client->deliver(message);
        return client->state() == State::selecting && sent.size() == 1;
    };
    Message wrong = good;
    wrong.xid ^= 1;
    EXPECT_TRUE(not_taken(wrong)) << "another's transaction";
    wrong = good;
    wrong.chaddr = MacAddress{{2, 0, 0, 0, 0, 8}};
    EXPECT_TRUE(not_taken(wrong)) << "another's hardware address";
    wrong = good;
    wrong.op = Message::Operation::request;
    EXPECT_TRUE(not_taken(wrong)) << "no reply";
    wrong = good;
    wrong.options.set_text(OptionCode::client_identifier, "another");
    EXPECT_TRUE(not_taken(wrong)) << "RFC 6842";
    EXPECT_EQ(client->counters().dhcpInOthers, 4u);
    wrong = good;
    wrong.options.remove(OptionCode::lease_time);
    EXPECT_TRUE(not_taken(wrong));
    EXPECT_EQ(client->counters().dhcpInRefused, 1u);
    EXPECT_TRUE(not_taken(reply_to(sent.back().message, MessageType::ack))) << "not asked for yet";
    EXPECT_TRUE(not_taken(reply_to(sent.back().message, MessageType::nak)));
    EXPECT_EQ(client->counters().dhcpInUnwanted, 2u);
    Message echoed = good;
    echoed.options.set(OptionCode::client_identifier, *sent.back().message.options.find(OptionCode::client_identifier));
    client->deliver(echoed);
    EXPECT_EQ(client->state(), State::requesting);
    answer(MessageType::ack, other_server);
    answer(MessageType::nak, other_server);
    EXPECT_EQ(client->state(), State::requesting) << "another server than was asked";
    Message moved = reply_to(sent.back().message, MessageType::ack);
    moved.yiaddr = {10, 0, 0, 101};
    client->deliver(moved);
    EXPECT_EQ(client->state(), State::requesting) << "another address than was asked for";
    EXPECT_TRUE(acquired.empty());
}

TEST_F(DhcpClientTest, AServerThatFallsSilentIsGivenUp) {
    start();
    answer(MessageType::offer);
    for (unsigned i = 1; i < options.requests_max; ++i) EXPECT_EQ(next_sent().type(), MessageType::request);
    EXPECT_EQ(client->counters().dhcpOutRequests, options.requests_max);
    EXPECT_EQ(next_sent().type(), MessageType::discover) << "requests_max";
    EXPECT_NE(sent.back().message.xid, sent.front().message.xid);
    EXPECT_LE(sent.back().at, Instant{65s}) << "RFC 2131 3.1.5: sixty seconds in all";
}

TEST_F(DhcpClientTest, ANakBeginsAgainAndNotFasterAndFaster) {
    start();
    answer(MessageType::offer);
    answer(MessageType::nak);
    EXPECT_EQ(client->state(), State::init);
    EXPECT_EQ(next_sent().at, Instant{}) << "the first at once";
    EXPECT_EQ(sent.back().type(), MessageType::discover);
    for (const Duration wait : {4s, 8s, 16s, 32s, 64s, 64s}) {
        answer(MessageType::offer);
        answer(MessageType::nak);
        const Instant before = world.scheduler.now();
        EXPECT_GE(next_sent().at - before, wait - 1s);
        EXPECT_LE(sent.back().at - before, wait + 1s);
    }
    answer(MessageType::offer);
    answer(MessageType::ack);
    EXPECT_EQ(client->state(), State::bound);
    EXPECT_EQ(client->counters().dhcpInNaks, 7u);
    EXPECT_TRUE(lost.empty());
}

// RFC 2131 4.4.5.
TEST_F(DhcpClientTest, RenewsWithItsServerThenRebindsWithAnyThenEnds) {
    bind();
    const Sent renewing = next_sent();
    EXPECT_EQ(client->state(), State::renewing);
    EXPECT_LE(renewing.at, Instant{1800s});
    EXPECT_GE(renewing.at, Instant{1800s - 1800s / 32});
    EXPECT_EQ(renewing.to, server);
    EXPECT_EQ(renewing.message.ciaddr, given);
    EXPECT_FALSE(renewing.message.broadcast);
    EXPECT_FALSE(renewing.message.options.has(OptionCode::requested_address));
    EXPECT_FALSE(renewing.message.options.has(OptionCode::server_identifier));
    Instant last = renewing.at;
    while (next_sent().to == server) {
        const Duration half = (Instant{3150s} - last) / 2;
        EXPECT_EQ(sent.back().at - last, std::max<Duration>(half, options.extend_wait_min));
        last = sent.back().at;
    }
    EXPECT_EQ(client->state(), State::rebinding);
    EXPECT_EQ(sent.back().at, Instant{3150s});
    EXPECT_EQ(sent.back().to, Ipv4Address::broadcast());
    EXPECT_EQ(sent.back().message.ciaddr, given);
    EXPECT_TRUE(lost.empty());
    while (next_sent().type() == MessageType::request) EXPECT_LT(sent.back().at, Instant{3600s});
    EXPECT_EQ(sent.back().at, Instant{3600s}) << "it asks anew at once";
    EXPECT_EQ(lost, std::vector{Loss::expired});
    EXPECT_EQ(client->counters().dhcpExpired, 1u);
    EXPECT_EQ(client->lease(), nullptr);
}

TEST_F(DhcpClientTest, AnExtendedLeaseBeginsWhenItWasAskedFor) {
    bind();
    const Instant asked = next_sent().at;
    world.run_for(1s);
    answer(MessageType::ack, other_server);
    EXPECT_EQ(client->state(), State::renewing) << "its own server alone";
    answer(MessageType::ack);
    ASSERT_EQ(extended.size(), 1u);
    EXPECT_EQ(extended[0].expires_at, asked + 3600s);
    EXPECT_EQ(client->state(), State::bound);
    EXPECT_EQ(acquired.size(), 1u);
    answer(MessageType::ack);
    EXPECT_EQ(extended.size(), 1u) << "the same once more is nothing";
}

TEST_F(DhcpClientTest, AnyServerMayRebind) {
    bind();
    while (client->state() != State::rebinding) next_sent();
    answer(MessageType::ack, other_server);
    ASSERT_EQ(extended.size(), 1u);
    EXPECT_EQ(extended[0].server, other_server);
    EXPECT_EQ(next_sent().to, other_server);
}

TEST_F(DhcpClientTest, ANakTakesTheLease) {
    bind();
    next_sent();
    answer(MessageType::nak, other_server);
    EXPECT_EQ(client->state(), State::renewing);
    answer(MessageType::nak);
    EXPECT_EQ(lost, std::vector{Loss::refused});
    EXPECT_EQ(next_sent().type(), MessageType::discover);
}

TEST_F(DhcpClientTest, ALeaseOfAnotherAddressExtendsNothing) {
    bind();
    next_sent();
    Message moved = reply_to(sent.back().message, MessageType::ack);
    moved.yiaddr = {10, 0, 0, 101};
    client->deliver(moved);
    EXPECT_EQ(client->state(), State::renewing);
    EXPECT_EQ(client->counters().dhcpInRefused, 1u);
}

TEST_F(DhcpClientTest, ALeaseWithoutEndIsNotExtended) {
    start();
    answer(MessageType::offer);
    Message ack = reply_to(sent.back().message, MessageType::ack);
    ack.options.set_u32(OptionCode::lease_time, 0xffffffff);
    client->deliver(ack);
    EXPECT_EQ(client->state(), State::bound);
    const std::size_t before = sent.size();
    world.run_for(std::chrono::years{100});
    EXPECT_EQ(sent.size(), before);
}

TEST_F(DhcpClientTest, TheShortestLeaseIsNotAStorm) {
    start();
    answer(MessageType::offer);
    Message ack = reply_to(sent.back().message, MessageType::ack);
    ack.options.set_u32(OptionCode::lease_time, 10);
    client->deliver(ack);
    sent.clear();
    world.run_for(9s);
    EXPECT_LE(sent.size(), 2u) << "once in RENEWING, once in REBINDING";
    EXPECT_EQ(lost.size(), 0u);
    world.run_for(1s);
    EXPECT_EQ(lost, std::vector{Loss::expired});
}

// RFC 2131 3.1.5, 4.4.4.
TEST_F(DhcpClientTest, AnAddressInUseIsDeclinedAndTenSecondsPass) {
    bind();
    world.run_for(3s);
    client->decline();
    const Sent decline = sent.back();
    EXPECT_EQ(decline.type(), MessageType::decline);
    EXPECT_EQ(decline.to, Ipv4Address::broadcast());
    EXPECT_EQ(decline.message.options.address(OptionCode::requested_address), given);
    EXPECT_EQ(decline.message.options.address(OptionCode::server_identifier), server);
    EXPECT_TRUE(decline.message.ciaddr.is_any());
    EXPECT_FALSE(decline.message.options.has(OptionCode::parameter_request_list));
    EXPECT_EQ(lost, std::vector{Loss::declined});
    EXPECT_EQ(next_sent().at - decline.at, options.decline_wait);
    EXPECT_EQ(sent.back().type(), MessageType::discover);
    EXPECT_EQ(sent.back().message.secs, 0);
    client->decline();
    EXPECT_EQ(sent.back().type(), MessageType::discover) << "there is nothing to decline";
}

TEST_F(DhcpClientTest, MayBeDeclinedAsSoonAsItIsAcquired) {
    declines = true;
    start();
    answer(MessageType::offer);
    answer(MessageType::ack);
    EXPECT_EQ(client->state(), State::init);
    EXPECT_EQ(lost, std::vector{Loss::declined});
    EXPECT_EQ(client->counters().dhcpOutDeclines, 1u);
}

// RFC 2131 4.4.6.
TEST_F(DhcpClientTest, ALeaseIsGivenBackToItsServer) {
    bind();
    client->release();
    const Sent release = sent.back();
    EXPECT_EQ(release.type(), MessageType::release);
    EXPECT_EQ(release.to, server);
    EXPECT_EQ(release.message.ciaddr, given);
    EXPECT_EQ(release.message.options.address(OptionCode::server_identifier), server);
    EXPECT_EQ(lost, std::vector{Loss::released});
    EXPECT_EQ(client->state(), State::stopped);
    world.run_for(10000s);
    EXPECT_EQ(sent.back().at, release.at) << "and nothing more is said";
    client->release();
    EXPECT_EQ(client->counters().dhcpOutReleases, 1u);
    client->start();
    EXPECT_EQ(sent.back().type(), MessageType::discover);
}

TEST_F(DhcpClientTest, StopsWithoutAWord) {
    bind();
    const std::size_t before = sent.size();
    client->stop();
    world.run_for(10000s);
    EXPECT_EQ(sent.size(), before);
    EXPECT_EQ(client->lease(), nullptr);
}

// RFC 2131 4.4.2.
TEST_F(DhcpClientTest, AsksForItsPreviousAddressFirst) {
    options.previous = given;
    start();
    EXPECT_EQ(client->state(), State::rebooting);
    EXPECT_EQ(sent.back().type(), MessageType::request);
    EXPECT_EQ(sent.back().message.options.address(OptionCode::requested_address), given);
    EXPECT_FALSE(sent.back().message.options.has(OptionCode::server_identifier));
    EXPECT_TRUE(sent.back().message.ciaddr.is_any());
    answer(MessageType::ack, other_server);
    EXPECT_EQ(acquired.size(), 1u);
}

TEST_F(DhcpClientTest, APreviousAddressThatNobodyKnowsIsForgotten) {
    options.previous = given;
    start();
    for (unsigned i = 1; i < options.requests_max; ++i) EXPECT_EQ(next_sent().type(), MessageType::request);
    EXPECT_EQ(next_sent().type(), MessageType::discover);
    sent.clear();
    start();
    answer(MessageType::nak, other_server);
    EXPECT_EQ(next_sent().type(), MessageType::discover);
}

// --- asking without taking

struct DhcpInquiryTest : testing::Test {
    test::World world{4};
    InquiryOptions options{.identity = {.mac = own_mac}, .offers_max = 2};
    std::vector<Message> sent;
    std::optional<std::vector<Lease>> heard;
    std::unique_ptr<Inquiry> inquiry;

    void ask() {
        inquiry = std::make_unique<Inquiry>(
            world.scheduler, world.entropy, options, [this](const Message& message) { sent.push_back(message); },
            [this](std::vector<Lease> offers) {
                heard = std::move(offers);
                inquiry.reset();
            });
    }
};

TEST_F(DhcpInquiryTest, HearsEveryServerOnceAndRequestsNothing) {
    ask();
    for (const Ipv4Address from : {server, server, other_server, Ipv4Address{10, 0, 0, 3}}) {
        inquiry->deliver(reply_to(sent[0], MessageType::offer, from));
    }
    inquiry->deliver(reply_to(sent[0], MessageType::ack, {10, 0, 0, 4}));
    world.run_for(options.listen_time - 1ms);
    EXPECT_FALSE(heard);
    world.run_for(1ms);
    ASSERT_TRUE(heard);
    ASSERT_EQ(heard->size(), 2u) << "offers_max";
    EXPECT_EQ(heard->at(0).server, server);
    EXPECT_EQ(heard->at(1).server, other_server);
    ASSERT_EQ(sent.size(), 1u);
    EXPECT_EQ(sent[0].type(), MessageType::discover);
}

TEST_F(DhcpInquiryTest, EndsWhenNobodyAnswers) {
    ask();
    world.run_for(4s + 8s + 16s + 3s);
    ASSERT_TRUE(heard);
    EXPECT_TRUE(heard->empty());
    EXPECT_EQ(sent.size(), options.discovers_max);
}

}  // namespace
}  // namespace strata::application::dhcp
