// A DHCP server: what it says to each message of RFC 2131 4.3, to
// whom, and what it keeps silent to.
#include "strata/7_application/dhcp/server/server.hpp"

#include <gtest/gtest.h>

#include "strata/7_application/dhcp/client/requests.hpp"
#include "tests/support/dhcp_plan.hpp"
#include "tests/support/network.hpp"

namespace strata::application::dhcp {
namespace {

using namespace test::dhcp;

constexpr Ipv4Address relay{10, 0, 0, 2};

struct DhcpServerTest : testing::Test {
    test::World world;
    ServerPlan plan = example_plan();
    ServerOptions options;
    std::vector<std::string> told;
    Instant now{};
    std::unique_ptr<Server> server;

    Server& serve() {
        if (!server) {
            server = std::make_unique<Server>(
                world.entropy, plan, [this](const std::string& line) { told.push_back(line); }, options);
        }
        return *server;
    }
    static Requests of(const MacAddress& client) { return Requests{{.mac = client}}; }
    std::optional<Reply> ask(const Message& message) { return serve().answer(message, now); }
    std::optional<Reply> discover(const MacAddress& client) { return ask(of(client).discover(1, 0)); }
    std::optional<Reply> select(const MacAddress& client, Ipv4Address address, Ipv4Address from = own) {
        return ask(of(client).select(1, 0, address, from));
    }
    void bind(const MacAddress& client, Ipv4Address address) {
        const auto reply = select(client, address);
        ASSERT_TRUE(reply);
        ASSERT_EQ(reply->message.type(), MessageType::ack);
    }
    static MessageType type_of(const std::optional<Reply>& reply) {
        return reply ? reply->message.type().value() : MessageType{};
    }
};

// RFC 2131 4.3.1, table 3.
TEST_F(DhcpServerTest, OffersAnAddressAndWhatWasAskedFor) {
    Message message = of(mac(1)).discover(0xabcd, 7);
    message.hops = 3;
    const auto reply = ask(message);
    ASSERT_TRUE(reply);
    const Message& offer = reply->message;
    EXPECT_EQ(offer.op, Message::Operation::reply);
    EXPECT_EQ(offer.type(), MessageType::offer);
    EXPECT_EQ(offer.xid, 0xabcdu);
    EXPECT_EQ(offer.secs + offer.hops, 0);
    EXPECT_TRUE(offer.broadcast);
    EXPECT_EQ(offer.yiaddr, first);
    EXPECT_TRUE(offer.ciaddr.is_any() && offer.siaddr.is_any() && offer.giaddr.is_any());
    EXPECT_EQ(offer.chaddr, mac(1));
    EXPECT_EQ(offer.options.address(OptionCode::server_identifier), own);
    EXPECT_EQ(offer.options.u32(OptionCode::lease_time), 3600u);
    EXPECT_EQ(offer.options.u32(OptionCode::renewal_time), 1800u);
    EXPECT_EQ(offer.options.u32(OptionCode::rebinding_time), 3150u);
    EXPECT_EQ(offer.options.address(OptionCode::subnet_mask), (Ipv4Address{255, 255, 255, 0}));
    EXPECT_EQ(offer.options.addresses(OptionCode::router), plan.routers);
    EXPECT_EQ(offer.options.addresses(OptionCode::domain_name_server), plan.domain_name_servers);
    EXPECT_EQ(offer.options.text(OptionCode::domain_name), "example.net");
    EXPECT_EQ(offer.options.u16(OptionCode::interface_mtu), 1400);
    EXPECT_EQ(offer.options.address(OptionCode::broadcast_address), (Ipv4Address{10, 0, 0, 255}));
    EXPECT_EQ(*offer.options.find(OptionCode::client_identifier), *message.options.find(OptionCode::client_identifier))
        << "RFC 6842";
    EXPECT_FALSE(offer.options.has(OptionCode::requested_address));
    EXPECT_FALSE(offer.options.has(OptionCode::parameter_request_list));
    EXPECT_EQ(reply->to, Ipv4Address::broadcast());
    EXPECT_EQ(reply->port, client_port);
    EXPECT_EQ(reply->bytes_max, Message::size_max);
}

TEST_F(DhcpServerTest, TellsNoMoreThanWasAskedFor) {
    Message message = of(mac(1)).discover(1, 0);
    message.options.set(OptionCode::parameter_request_list, std::array{std::byte{3}});
    const auto some = ask(message);
    ASSERT_TRUE(some);
    EXPECT_TRUE(some->message.options.has(OptionCode::router));
    EXPECT_FALSE(some->message.options.has(OptionCode::domain_name));
    EXPECT_FALSE(some->message.options.has(OptionCode::interface_mtu));
    message.options.remove(OptionCode::parameter_request_list);
    EXPECT_TRUE(ask(message)->message.options.has(OptionCode::domain_name)) << "who names nothing hears all";
}

TEST_F(DhcpServerTest, AcknowledgesItsOfferAndSaysSo) {
    EXPECT_EQ(discover(mac(1))->message.yiaddr, first);
    const auto reply = select(mac(1), first);
    ASSERT_EQ(type_of(reply), MessageType::ack);
    EXPECT_EQ(reply->message.yiaddr, first);
    EXPECT_EQ(reply->message.options.u32(OptionCode::lease_time), 3600u);
    EXPECT_EQ(serve().leases().bound(now), 1u);
    EXPECT_EQ(told, std::vector<std::string>{"10.0.0.100 is given to 02:00:00:00:01:01"});
    EXPECT_EQ(type_of(select(mac(2), first)), MessageType::nak);
    EXPECT_EQ(discover(mac(2))->message.yiaddr, second);
    EXPECT_EQ(serve().counters().dhcpOutOffers, 2u);
    EXPECT_EQ(serve().counters().dhcpOutAcks, 1u);
    EXPECT_EQ(serve().counters().dhcpOutNaks, 1u);
}

TEST_F(DhcpServerTest, AnOfferThatAnotherServerWonIsFree) {
    EXPECT_EQ(discover(mac(1))->message.yiaddr, first);
    EXPECT_FALSE(select(mac(1), {10, 0, 0, 77}, {10, 0, 0, 9}));
    EXPECT_EQ(serve().counters().dhcpInOtherServers, 1u);
    EXPECT_EQ(discover(mac(2))->message.yiaddr, second);
    EXPECT_EQ(discover(mac(3))->message.yiaddr, first);
}

// RFC 2131 4.3.2, RFC 6842.
TEST_F(DhcpServerTest, ANakHasNothingButItsReasonAndGoesToEverybody) {
    const auto reply = select(mac(1), {10, 0, 0, 77});
    ASSERT_EQ(type_of(reply), MessageType::nak);
    EXPECT_EQ(reply->to, Ipv4Address::broadcast());
    EXPECT_TRUE(reply->message.yiaddr.is_any() && reply->message.ciaddr.is_any() && reply->message.siaddr.is_any());
    EXPECT_FALSE(reply->message.options.has(OptionCode::lease_time));
    EXPECT_FALSE(reply->message.options.has(OptionCode::subnet_mask));
    EXPECT_FALSE(reply->message.options.text(OptionCode::message).empty());
    EXPECT_TRUE(reply->message.options.has(OptionCode::client_identifier));
}

TEST_F(DhcpServerTest, AReservationIsForOneMachineAlone) {
    EXPECT_EQ(discover(printer)->message.yiaddr, reserved);
    EXPECT_EQ(type_of(select(printer, reserved)), MessageType::ack);
    EXPECT_EQ(type_of(select(printer, first)), MessageType::nak);
    EXPECT_EQ(type_of(select(mac(1), reserved)), MessageType::nak);
    EXPECT_EQ(type_of(ask(of(mac(1)).extend(1, 0, reserved))), MessageType::nak);
    EXPECT_EQ(type_of(ask(of(printer).extend(1, 0, reserved))), MessageType::ack);
    EXPECT_EQ(type_of(ask(of(printer).reboot(1, 0, reserved))), MessageType::ack);
    EXPECT_EQ(serve().leases().size(), 2u);
    EXPECT_EQ(serve().leases().bound(now), 0u);
    plan.reservations = {{printer, first}};
    server.reset();
    EXPECT_EQ(serve().leases().size(), 1u) << "what is reserved is nobody else's";
}

// RFC 2131 4.3.2.
TEST_F(DhcpServerTest, AfterARebootItKnowsWhomItKnows) {
    EXPECT_FALSE(ask(of(mac(1)).reboot(1, 0, first))) << "another server may know it";
    EXPECT_EQ(serve().counters().dhcpInUnknown, 1u);
    EXPECT_EQ(type_of(ask(of(mac(1)).reboot(1, 0, {192, 168, 0, 7}))), MessageType::nak) << "of another network";
    bind(mac(1), first);
    EXPECT_EQ(type_of(ask(of(mac(1)).reboot(1, 0, first))), MessageType::ack);
    EXPECT_EQ(type_of(ask(of(mac(1)).reboot(1, 0, second))), MessageType::nak);
    bind(mac(2), second);
    now += 2h;
    EXPECT_EQ(type_of(ask(of(mac(1)).reboot(1, 0, first))), MessageType::ack) << "nobody else has it yet";
}

TEST_F(DhcpServerTest, ExtendsToTheAddressThatIsExtended) {
    bind(mac(1), first);
    now += 30min;
    const auto reply = ask(of(mac(1)).extend(1, 0, first));
    ASSERT_EQ(type_of(reply), MessageType::ack);
    EXPECT_EQ(reply->to, first);
    EXPECT_EQ(reply->port, client_port);
    EXPECT_EQ(reply->message.ciaddr, first);
    EXPECT_EQ(reply->message.yiaddr, first);
    now += 59min;
    EXPECT_EQ(serve().leases().bound(now), 1u);
    EXPECT_EQ(type_of(ask(of(mac(2)).extend(1, 0, first))), MessageType::nak) << "another's";
    EXPECT_EQ(type_of(ask(of(mac(2)).extend(1, 0, second))), MessageType::ack) << "decision 0071";
    EXPECT_FALSE(ask(of(mac(2)).extend(1, 0, {10, 0, 0, 77}))) << "not ours to say";
    EXPECT_EQ(serve().counters().dhcpInUnknown, 1u);
}

TEST_F(DhcpServerTest, WhatIsDeclinedIsNotGiven) {
    bind(mac(1), first);
    Message decline = of(mac(1)).decline(1, first, own);
    EXPECT_FALSE(ask(of(mac(1)).decline(1, first, relay))) << "another server's";
    EXPECT_FALSE(ask(of(mac(2)).decline(1, first, own))) << "another's address";
    EXPECT_EQ(serve().leases().bound(now), 1u);
    EXPECT_FALSE(ask(decline));
    EXPECT_EQ(serve().leases().bound(now), 0u);
    EXPECT_EQ(told.back(), "10.0.0.100 is in use by another host, says 02:00:00:00:01:01");
    EXPECT_EQ(discover(mac(1))->message.yiaddr, second);
    now += options.decline_time;
    EXPECT_EQ(type_of(select(mac(2), first)), MessageType::ack);
    decline.options.remove(OptionCode::requested_address);
    EXPECT_FALSE(ask(decline));
    EXPECT_EQ(serve().counters().dhcpInErrors, 2u);
    EXPECT_FALSE(ask(of(printer).decline(1, reserved, own)));
    EXPECT_EQ(told.back(), "10.0.0.50 is in use by another host, says 02:00:00:00:00:50");
    EXPECT_EQ(discover(printer)->message.yiaddr, reserved) << "there is no other for it";
}

TEST_F(DhcpServerTest, WhatIsReleasedIsFree) {
    bind(mac(1), first);
    EXPECT_FALSE(ask(of(mac(2)).release(1, first, own)));
    EXPECT_EQ(serve().leases().bound(now), 1u);
    EXPECT_FALSE(ask(of(mac(1)).release(1, first, own)));
    EXPECT_EQ(serve().leases().bound(now), 0u);
    EXPECT_EQ(told.back(), "10.0.0.100 was given back by 02:00:00:00:01:01");
}

// RFC 2131 4.3.5.
TEST_F(DhcpServerTest, InformsWithoutALease) {
    Message inform = of(mac(1)).extend(9, 0, {10, 0, 0, 77});
    inform.set_type(MessageType::inform);
    const auto reply = ask(inform);
    ASSERT_EQ(type_of(reply), MessageType::ack);
    EXPECT_EQ(reply->to, (Ipv4Address{10, 0, 0, 77}));
    EXPECT_TRUE(reply->message.yiaddr.is_any());
    EXPECT_FALSE(reply->message.options.has(OptionCode::lease_time));
    EXPECT_FALSE(reply->message.options.has(OptionCode::renewal_time));
    EXPECT_EQ(reply->message.options.text(OptionCode::domain_name), "example.net");
    inform.ciaddr = {};
    EXPECT_FALSE(ask(inform));
    EXPECT_EQ(serve().leases().bound(now), 0u);
}

// RFC 2131 4.1.
TEST_F(DhcpServerTest, AnswersARelayAndHaveItTellEverybodyANak) {
    Message message = of(mac(1)).discover(1, 0);
    message.giaddr = relay;
    message.broadcast = false;
    const auto offer = ask(message);
    ASSERT_TRUE(offer);
    EXPECT_EQ(offer->to, relay);
    EXPECT_EQ(offer->port, server_port);
    EXPECT_EQ(offer->message.giaddr, relay);
    EXPECT_FALSE(offer->message.broadcast);
    message = of(mac(1)).select(1, 0, {10, 0, 0, 77}, own);
    message.giaddr = relay;
    message.broadcast = false;
    const auto nak = ask(message);
    ASSERT_EQ(type_of(nak), MessageType::nak);
    EXPECT_EQ(nak->to, relay);
    EXPECT_TRUE(nak->message.broadcast);
}

TEST_F(DhcpServerTest, WhoIsOfAnotherSubnetIsNotAnswered) {
    for (const Ipv4Address other : {Ipv4Address{192, 168, 0, 2}, Ipv4Address{10, 0, 0, 255}, Ipv4Address::broadcast(),
                                    Ipv4Address{224, 0, 0, 1}, own}) {
        Message message = of(mac(1)).discover(1, 0);
        message.giaddr = other;
        EXPECT_FALSE(ask(message)) << other.to_string();
        EXPECT_FALSE(ask(of(mac(1)).extend(1, 0, other))) << other.to_string();
    }
    EXPECT_EQ(serve().counters().dhcpInOtherSubnets, 10u);
}

TEST_F(DhcpServerTest, WhatIsNoRequestIsNotAnswered) {
    const auto refused = [&](const Message& message) { return !ask(message).has_value(); };
    Message message = of(mac(1)).discover(1, 0);
    message.op = Message::Operation::reply;
    EXPECT_TRUE(refused(message));
    message = of(mac(1)).discover(1, 0);
    message.options.remove(OptionCode::message_type);
    EXPECT_TRUE(refused(message)) << "BOOTP";
    for (const auto type : {MessageType::offer, MessageType::ack, MessageType::nak}) {
        message = of(mac(1)).discover(1, 0);
        message.set_type(type);
        EXPECT_TRUE(refused(message));
    }
    EXPECT_TRUE(refused(of(MacAddress{}).discover(1, 0)));
    EXPECT_TRUE(refused(of(MacAddress::broadcast()).discover(1, 0)));
    message = of(mac(1)).select(1, 0, first, own);
    message.options.remove(OptionCode::requested_address);
    EXPECT_TRUE(refused(message));
    message.options.remove(OptionCode::server_identifier);
    EXPECT_TRUE(refused(message));
    EXPECT_EQ(serve().counters().dhcpInErrors, 9u);
    serve().malformed();
    EXPECT_EQ(serve().counters().dhcpInErrors, 10u);
}

TEST_F(DhcpServerTest, AnIdentifierIsBounded) {
    Message message = of(mac(1)).discover(1, 0);
    const std::vector<std::byte> longest(options.client_identifier_max, std::byte{'x'});
    message.options.set(OptionCode::client_identifier, longest);
    EXPECT_TRUE(ask(message)) << "client_identifier_max";
    message.options.set(OptionCode::client_identifier, std::vector<std::byte>(longest.size() + 1));
    EXPECT_FALSE(ask(message));
    message.options.set(OptionCode::client_identifier, {});
    EXPECT_FALSE(ask(message));
}

TEST_F(DhcpServerTest, AClientIsItsIdentifierElseItsHardwareAddress) {
    Message named = of(mac(1)).discover(1, 0);
    named.options.set_text(OptionCode::client_identifier, "laptop");
    EXPECT_EQ(ask(named)->message.yiaddr, first);
    named.chaddr = mac(2);
    EXPECT_EQ(ask(named)->message.yiaddr, first) << "by another card";
    Message plain = of(mac(1)).discover(1, 0);
    plain.options.remove(OptionCode::client_identifier);
    const auto reply = ask(plain);
    EXPECT_EQ(reply->message.yiaddr, second);
    EXPECT_FALSE(reply->message.options.has(OptionCode::client_identifier));
}

TEST_F(DhcpServerTest, AClientIsAnsweredInMeasure) {
    for (unsigned i = 0; i <= options.burst_max; ++i) EXPECT_TRUE(discover(mac(1))) << "the first is unknown yet";
    EXPECT_FALSE(discover(mac(1))) << "burst_max";
    EXPECT_FALSE(select(mac(1), first));
    EXPECT_EQ(serve().counters().dhcpInLimited, 2u);
    EXPECT_TRUE(discover(mac(2))) << "others are answered";
    now += options.answer_interval;
    EXPECT_TRUE(discover(mac(1)));
    for (unsigned i = 0; i < options.burst_max; ++i) EXPECT_TRUE(discover(printer));
    EXPECT_FALSE(discover(printer));
}

TEST_F(DhcpServerTest, RefusalsHaveAMeasureForAll) {
    for (unsigned i = 0; i < options.strangers_burst_max; ++i) {
        EXPECT_TRUE(select(mac(static_cast<int>(i)), {10, 0, 0, 77}));
    }
    EXPECT_FALSE(select(mac(200), {10, 0, 0, 77})) << "strangers_burst_max";
    now += options.strangers_interval;
    EXPECT_TRUE(select(mac(200), {10, 0, 0, 77}));
}

TEST_F(DhcpServerTest, LinesAreToldInMeasure) {
    plan.ranges = {{first, first}};
    bind(mac(1), first);
    for (unsigned i = 0; i < 2 * options.lines_burst_max; ++i) EXPECT_FALSE(discover(mac(2)));
    EXPECT_EQ(told.size(), options.lines_burst_max) << "lines_burst_max";
    EXPECT_EQ(serve().counters().dhcpNoAddress, 2 * options.lines_burst_max);
    EXPECT_EQ(told.back(), "no address is left for 02:00:00:00:01:02");
}

TEST_F(DhcpServerTest, AHostsNameIsAStrangersText) {
    Message message = of(mac(1)).select(1, 0, first, own);
    message.options.set_text(OptionCode::host_name, "lap\x1b[2Jtop\n");
    EXPECT_TRUE(ask(message));
    EXPECT_EQ(told.back(), "10.0.0.100 is given to 02:00:00:00:01:01 (lap?[2Jtop?)");
}

TEST_F(DhcpServerTest, ALeaseMayBeWithoutEnd) {
    plan.lease_time = Duration::max();
    const auto reply = select(mac(1), first);
    EXPECT_EQ(reply->message.options.u32(OptionCode::lease_time), 0xffffffffu);
    EXPECT_FALSE(reply->message.options.has(OptionCode::renewal_time));
}

// --- booting (RFC 4578)

struct DhcpBootTest : DhcpServerTest {
    DhcpBootTest() {
        plan.boot_files.otherwise = "undionly.kpxe";
        for (const auto number : architectures_named("efi64")) plan.boot_files.by_architecture[number] = "grubx64.efi";
    }
    std::optional<Reply> boot(std::initializer_list<std::uint16_t> architectures) {
        Message message = of(mac(1)).discover(1, 0);
        Options::Value value;
        for (const std::uint16_t architecture : architectures) {
            value.push_back(static_cast<std::byte>(architecture >> 8));
            value.push_back(static_cast<std::byte>(architecture));
        }
        message.options.set(OptionCode::client_architecture, value);
        return ask(message);
    }
};

TEST_F(DhcpBootTest, TheFileIsTheArchitectures) {
    EXPECT_EQ(boot({0})->message.file, "undionly.kpxe");
    EXPECT_EQ(boot({7})->message.file, "grubx64.efi");
    EXPECT_EQ(boot({9})->message.file, "grubx64.efi");
    EXPECT_EQ(boot({11, 9})->message.file, "grubx64.efi") << "the first that there is one for";
    EXPECT_EQ(boot({11})->message.file, "undionly.kpxe");
    EXPECT_EQ(boot({})->message.file, "undionly.kpxe");
    const auto reply = discover(mac(1));
    EXPECT_EQ(reply->message.siaddr, own);
    EXPECT_EQ(reply->message.options.text(OptionCode::tftp_server_name), "10.0.0.1");
    EXPECT_EQ(reply->message.options.text(OptionCode::boot_file_name), "undionly.kpxe");
}

// What loads iPXE would be loaded by it for ever.
TEST_F(DhcpBootTest, IpxeHasAFileOfItsOwn) {
    Message message = of(mac(1)).discover(1, 0);
    message.options.set_text(OptionCode::user_class, "iPXE");
    EXPECT_EQ(ask(message)->message.file, "undionly.kpxe") << "none was said";
    plan.boot_files.ipxe = "boot.ipxe";
    server.reset();
    EXPECT_EQ(ask(message)->message.file, "boot.ipxe");
    EXPECT_EQ(boot({9})->message.file, "grubx64.efi");
}

TEST_F(DhcpBootTest, AnotherServerMayHaveTheFiles) {
    plan.next_server = {10, 0, 0, 9};
    EXPECT_EQ(boot({0})->message.siaddr, (Ipv4Address{10, 0, 0, 9}));
    plan.boot_files = {};
    server.reset();
    const auto reply = boot({0});
    EXPECT_EQ(reply->message.siaddr, (Ipv4Address{10, 0, 0, 9}));
    EXPECT_EQ(reply->message.file, "");
    EXPECT_FALSE(reply->message.options.has(OptionCode::boot_file_name));
}

TEST_F(DhcpBootTest, AClientThatBootsByHttpHearsItsClass) {
    Message message = of(mac(1)).discover(1, 0);
    EXPECT_FALSE(ask(message)->message.options.has(OptionCode::vendor_class));
    message.options.set_text(OptionCode::vendor_class, "HTTPClient:Arch:00016:UNDI:003001");
    EXPECT_EQ(ask(message)->message.options.text(OptionCode::vendor_class), "HTTPClient");
}

// RFC 2132 9.10.
TEST_F(DhcpBootTest, AnAnswerIsNoLongerThanTheClientTakes) {
    plan.boot_files.otherwise.assign(Message::file_size_max, 'f');
    plan.domain_name.assign(ServerPlan::domain_name_size_max, 'd');
    plan.routers.assign(ServerPlan::servers_max, {10, 0, 0, 254});
    plan.domain_name_servers.assign(ServerPlan::servers_max, {9, 9, 9, 9});
    Message message = of(mac(1)).discover(1, 0);
    message.options.set(OptionCode::client_identifier, std::vector<std::byte>(options.client_identifier_max));
    const auto whole = ask(message);
    ASSERT_TRUE(whole);
    EXPECT_EQ(serve().counters().dhcpOutShortened, 0u);
    EXPECT_TRUE(whole->message.serialize(whole->bytes_max));
    for (const int takes : {0, 100, 576}) {
        message.options.set_u16(OptionCode::message_size_max, static_cast<std::uint16_t>(takes));
        const auto less = ask(message);
        ASSERT_TRUE(less);
        EXPECT_EQ(less->bytes_max, Message::size_assured);
        EXPECT_TRUE(less->message.serialize(less->bytes_max));
        EXPECT_EQ(less->message.yiaddr, first);
        EXPECT_TRUE(less->message.options.has(OptionCode::router));
        EXPECT_EQ(less->message.file, plan.boot_files.otherwise);
    }
    EXPECT_EQ(serve().counters().dhcpOutShortened, 3u);
    message.options.set_u16(OptionCode::message_size_max, 65535);
    EXPECT_EQ(ask(message)->bytes_max, Message::size_max);
}

}  // namespace
}  // namespace strata::application::dhcp
