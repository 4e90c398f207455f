// A lease: what a server's word is worth.
#include "strata/7_application/dhcp/client/lease.hpp"

#include <gtest/gtest.h>

namespace strata::application::dhcp {
namespace {

constexpr Instant asked_at{100s};

Message offer(std::uint32_t seconds = 3600) {
    Message message;
    message.op = Message::Operation::reply;
    message.yiaddr = {10, 0, 0, 7};
    message.set_type(MessageType::offer);
    message.options.set_address(OptionCode::server_identifier, {10, 0, 0, 1});
    message.options.set_address(OptionCode::subnet_mask, {255, 255, 255, 0});
    message.options.set_u32(OptionCode::lease_time, seconds);
    return message;
}

TEST(DhcpLease, SaysWhatTheServerSaid) {
    Message message = offer();
    message.siaddr = {10, 0, 0, 9};
    message.file = "in file";
    message.options.set_addresses(OptionCode::router, {{10, 0, 0, 1}, {10, 0, 0, 2}});
    message.options.set_addresses(OptionCode::domain_name_server, {{9, 9, 9, 9}});
    message.options.set_text(OptionCode::domain_name, "example.net");
    message.options.set_u16(OptionCode::interface_mtu, 1400);
    message.options.set_address(OptionCode::broadcast_address, {10, 0, 0, 255});
    const auto lease = Lease::from(message, asked_at);
    ASSERT_TRUE(lease);
    EXPECT_EQ(lease->address.to_string(), "10.0.0.7/24");
    EXPECT_EQ(lease->server, (Ipv4Address{10, 0, 0, 1}));
    EXPECT_EQ(lease->routers.size(), 2u);
    EXPECT_EQ(lease->domain_name_servers.front(), (Ipv4Address{9, 9, 9, 9}));
    EXPECT_EQ(lease->domain_name, "example.net");
    EXPECT_EQ(lease->mtu, 1400);
    EXPECT_EQ(lease->broadcast_address, (Ipv4Address{10, 0, 0, 255}));
    EXPECT_EQ(lease->next_server, (Ipv4Address{10, 0, 0, 9}));
    EXPECT_EQ(lease->boot_file, "in file");
    message.options.set_text(OptionCode::boot_file_name, "in 67");
    EXPECT_EQ(Lease::from(message, asked_at)->boot_file, "in 67");
}

// RFC 2131 4.4.5.
TEST(DhcpLease, TimesAreAHalfAndSevenEighthsUnlessTheyAreSaidInOrder) {
    struct Case {
        std::optional<std::uint32_t> t1, t2;
        Duration renews, rebinds;
    };
    for (const auto& [t1, t2, renews, rebinds] :
         {Case{{}, {}, 1800s, 3150s}, Case{1000, 2000, 1000s, 2000s}, Case{1000, {}, 1000s, 3150s},
          Case{2000, 1000, 1800s, 3150s}, Case{1000, 1000, 1800s, 3150s}, Case{0, 2000, 1800s, 3150s},
          Case{1000, 3600, 1800s, 3150s}, Case{0xffffffff, 0xffffffff, 1800s, 3150s}}) {
        Message message = offer();
        if (t1) message.options.set_u32(OptionCode::renewal_time, *t1);
        if (t2) message.options.set_u32(OptionCode::rebinding_time, *t2);
        const auto lease = Lease::from(message, asked_at);
        ASSERT_TRUE(lease);
        EXPECT_EQ(lease->renews_at, asked_at + renews) << t1.value_or(0);
        EXPECT_EQ(lease->rebinds_at, asked_at + rebinds) << t2.value_or(0);
        EXPECT_EQ(lease->expires_at, asked_at + 3600s);
    }
}

TEST(DhcpLease, WithoutEndIsForEverAndTheLongestIsNot) {
    const auto infinite = Lease::from(offer(0xffffffff), asked_at);
    ASSERT_TRUE(infinite);
    EXPECT_EQ(infinite->time, Duration::max());
    EXPECT_EQ(infinite->renews_at, never);
    EXPECT_EQ(infinite->expires_at, never);
    const auto longest = Lease::from(offer(0xfffffffe), asked_at);
    ASSERT_TRUE(longest);
    EXPECT_EQ(longest->expires_at, asked_at + std::chrono::seconds{0xfffffffe});
    EXPECT_LT(longest->renews_at, longest->rebinds_at);
}

TEST(DhcpLease, ThatIsTooShortIsNone) {
    EXPECT_TRUE(Lease::from(offer(10), asked_at)) << "lease_min";
    EXPECT_FALSE(Lease::from(offer(9), asked_at));
    EXPECT_FALSE(Lease::from(offer(0), asked_at));
    EXPECT_TRUE(Lease::from(offer(1), asked_at, {.lease_min = 1s}));
}

TEST(DhcpLease, NeedsAServerATimeAndAnAddressThatAHostCanHave) {
    for (const auto code : {OptionCode::server_identifier, OptionCode::lease_time}) {
        Message message = offer();
        message.options.remove(code);
        EXPECT_FALSE(Lease::from(message, asked_at));
    }
    for (const Ipv4Address address :
         {Ipv4Address{}, Ipv4Address::broadcast(), Ipv4Address::loopback(), Ipv4Address{224, 0, 0, 1},
          Ipv4Address{10, 0, 0, 0}, Ipv4Address{10, 0, 0, 255}}) {
        Message message = offer();
        message.yiaddr = address;
        EXPECT_FALSE(Lease::from(message, asked_at)) << address.to_string();
    }
    Message message = offer();
    message.options.set_address(OptionCode::server_identifier, Ipv4Address::broadcast());
    EXPECT_FALSE(Lease::from(message, asked_at));
}

TEST(DhcpLease, AMaskIsWholeOrTheClassSays) {
    for (const Ipv4Address mask :
         {Ipv4Address{255, 0, 255, 0}, Ipv4Address{0, 0, 0, 0}, Ipv4Address{0, 255, 255, 255}}) {
        Message message = offer();
        message.options.set_address(OptionCode::subnet_mask, mask);
        EXPECT_FALSE(Lease::from(message, asked_at)) << mask.to_string();
    }
    Message message = offer();
    message.options.set(OptionCode::subnet_mask, bytes_of("abc"));
    EXPECT_FALSE(Lease::from(message, asked_at)) << "a mask of three bytes";
    message.options.remove(OptionCode::subnet_mask);
    EXPECT_EQ(Lease::from(message, asked_at)->address.length, 8u);
    message.options.set_address(OptionCode::subnet_mask, {255, 255, 255, 255});
    EXPECT_EQ(Lease::from(message, asked_at)->address.length, 32u);
}

}  // namespace
}  // namespace strata::application::dhcp
