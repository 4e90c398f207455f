// What a DHCP server can be told to give, and what is wrong with what it can't.
#include "strata/7_application/dhcp/server/plan.hpp"

#include <gtest/gtest.h>

#include "tests/support/dhcp_plan.hpp"

namespace strata::application::dhcp {
namespace {

using namespace test::dhcp;

struct DhcpPlanTest : testing::Test {
    ServerPlan plan = example_plan();
    std::string problem() { return plan.problem().value_or(""); }
};

TEST_F(DhcpPlanTest, RangesAreInTheSubnet) {
    EXPECT_EQ(problem(), "");
    for (const AddressRange range : {AddressRange{{10, 0, 1, 1}, {10, 0, 1, 2}}, AddressRange{{10, 0, 0, 0}, second},
                                     AddressRange{first, {10, 0, 0, 255}}, AddressRange{own, second}}) {
        plan.ranges = {range};
        EXPECT_NE(problem().find("can be no client's in 10.0.0.0/24"), std::string::npos) << problem();
    }
    plan.ranges = {};
    EXPECT_EQ(problem(), "") << "reservations are enough";
    plan.reservations = {};
    EXPECT_EQ(problem(), "no address is to be given");
}

TEST_F(DhcpPlanTest, EverythingIsBounded) {
    plan.own = {{10, 0, 0, 1}, 8};
    const auto range_of = [](std::size_t size) {
        return AddressRange{{10, 1, 0, 0}, Ipv4Address{0x0a010000 + static_cast<std::uint32_t>(size) - 1}};
    };
    plan.ranges = {range_of(ServerPlan::addresses_max)};
    EXPECT_EQ(problem(), "");
    plan.ranges.push_back({{10, 9, 0, 1}, {10, 9, 0, 1}});
    EXPECT_EQ(problem(), "more than 65536 addresses");
    plan = example_plan();
    plan.own.length = 16;
    for (std::size_t i = 1; i <= ServerPlan::reservations_max - 1; ++i) {
        const auto high = static_cast<std::uint8_t>(i >> 8), low = static_cast<std::uint8_t>(i);
        plan.reservations.emplace(MacAddress{{2, 1, 0, 0, high, low}},
                                  Ipv4Address{0x0a001000 + static_cast<std::uint32_t>(i)});
    }
    EXPECT_EQ(problem(), "");
    plan.reservations.emplace(MacAddress{{2, 2, 0, 0, 0, 0}}, Ipv4Address{10, 0, 200, 200});
    EXPECT_EQ(problem(), "more than 4096 reservations");
    plan = example_plan();
    plan.routers.assign(ServerPlan::servers_max + 1, {10, 0, 0, 254});
    EXPECT_EQ(problem(), "more than 8 routers or DNS servers");
    plan = example_plan();
    plan.domain_name.assign(ServerPlan::domain_name_size_max + 1, 'x');
    EXPECT_EQ(problem(), "the domain's name is too long");
    plan = example_plan();
    plan.boot_files.by_architecture[0].assign(Message::file_size_max + 1, 'x');
    EXPECT_EQ(problem(), "a boot file's name has more than 127 letters");
    plan.boot_files.by_architecture.clear();
    plan.boot_files.ipxe.assign(Message::file_size_max + 1, 'x');
    EXPECT_EQ(problem(), "a boot file's name has more than 127 letters");
}

TEST_F(DhcpPlanTest, ReservationsAndRoutersAreInTheSubnet) {
    plan.reservations.emplace(mac(1), reserved);
    EXPECT_EQ(problem(), "10.0.0.50 is reserved twice");
    plan = example_plan();
    plan.reservations.emplace(mac(1), Ipv4Address{10, 0, 1, 1});
    EXPECT_EQ(problem(), "10.0.1.1 can be no client's in 10.0.0.0/24");
    plan = example_plan();
    plan.routers.push_back({192, 168, 0, 1});
    EXPECT_EQ(problem(), "the router 192.168.0.1 is not in 10.0.0.0/24");
}

TEST(DhcpRange, IsReadAsItIsWritten) {
    const auto range = AddressRange::parse("10.0.0.1-10.0.0.9");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->size(), 9u);
    EXPECT_TRUE(range->contains({10, 0, 0, 9}));
    EXPECT_FALSE(range->contains({10, 0, 0, 10}));
    EXPECT_EQ(AddressRange::parse("10.0.0.1")->size(), 1u);
    EXPECT_EQ(AddressRange::parse("0.0.0.0-255.255.255.255")->size(), std::size_t{1} << 32);
    for (const char* wrong :
         {"", "-", "10.0.0.9-10.0.0.1", "10.0.0.1-", "-10.0.0.1", "10.0.0.1-2", "10.0.0.1 - 10.0.0.2"}) {
        EXPECT_FALSE(AddressRange::parse(wrong)) << wrong;
    }
}

TEST(DhcpArchitectures, HaveNamesAndNumbers) {
    EXPECT_EQ(architectures_named("bios"), std::vector<std::uint16_t>{0});
    EXPECT_EQ(architectures_named("efi64"), (std::vector<std::uint16_t>{7, 9}));
    EXPECT_EQ(architectures_named("31"), std::vector<std::uint16_t>{31});
    for (const char* wrong : {"", "65536", "-1", "7x", "sparc"})
        EXPECT_TRUE(architectures_named(wrong).empty()) << wrong;
}

}  // namespace
}  // namespace strata::application::dhcp
