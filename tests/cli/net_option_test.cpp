// --net: what is understood, and what each mistake is answered with.
#include "strata/cli/net_option.hpp"

#include <gtest/gtest.h>

#include "strata/cli/commands.hpp"
#include "strata/cli/tap_network.hpp"

namespace strata::cli {
namespace {

TEST(NetOption, EveryPart) {
    EXPECT_EQ(parse_net_option("kernel").kind, NetOption::Kind::kernel);
    EXPECT_EQ(parse_net_option("embedded").kind, NetOption::Kind::embedded);
    const NetOption tap = parse_net_option(
        "tap:tap0,addr=10.0.0.1/24,host=10.0.0.2/24,gw=10.0.0.2,mac=02:00:00:00:00:07,mtu=9000,offload=off");
    EXPECT_EQ(tap.kind, NetOption::Kind::tap);
    EXPECT_EQ(tap.interface, "tap0");
    EXPECT_EQ(tap.address.to_string(), "10.0.0.1/24");
    EXPECT_EQ(tap.host->to_string(), "10.0.0.2/24");
    EXPECT_EQ(tap.gateway->to_string(), "10.0.0.2");
    EXPECT_EQ(tap.mac.to_string(), "02:00:00:00:00:07");
    EXPECT_EQ(tap.mtu, 9000u);
    EXPECT_FALSE(tap.offload);
    EXPECT_TRUE(parse_net_option("tap:tap0,addr=10.0.0.1/24").offload);
    EXPECT_FALSE(tap.probe);
    EXPECT_TRUE(parse_net_option("tap:tap0,addr=10.0.0.1/24,probe=on").probe);
}

TEST(NetOption, AnAddressThatAServerTells) {
    const NetOption of_class = parse_net_option("tap:tap0,addr=rarp");
    EXPECT_TRUE(of_class.rarp);
    EXPECT_TRUE(of_class.address.address.is_any());
    EXPECT_EQ(of_class.rarp_length, std::nullopt);
    EXPECT_EQ(parse_net_option("tap:tap0,addr=rarp/22").rarp_length, 22u);
    EXPECT_FALSE(parse_net_option("tap:tap0,addr=rarp,addr=10.0.0.1/24").rarp) << "what is said last counts";
    const NetOption leased = parse_net_option("tap:tap0,addr=dhcp,gw=10.0.0.2");
    EXPECT_TRUE(leased.dhcp && leased.address.address.is_any() && leased.gateway);
    EXPECT_FALSE(parse_net_option("tap:tap0,addr=dhcp,addr=10.0.0.1/24").dhcp);
    EXPECT_FALSE(parse_net_option("tap:tap0,addr=dhcp,addr=rarp").dhcp);
    EXPECT_FALSE(parse_net_option("tap:tap0,addr=rarp,addr=dhcp").rarp);
    EXPECT_EQ(length_of_class({10, 0, 0, 1}), 8u);
    EXPECT_EQ(length_of_class({127, 255, 0, 1}), 8u);
    EXPECT_EQ(length_of_class({128, 0, 0, 1}), 16u);
    EXPECT_EQ(length_of_class({191, 0, 0, 1}), 16u);
    EXPECT_EQ(length_of_class({192, 0, 0, 1}), 24u);
}

TEST(NetOption, MistakesAreNamed) {
    const struct {
        const char* text;
        const char* said;
    } cases[] = {
        {"", "''"},
        {"wifi", "'wifi'"},
        {"tap:", "interface"},
        {"tap:tap0", "addr="},
        {"tap:a-name-that-is-too-long,addr=10.0.0.1/24", "15 letters"},
        {"tap:tap0,addr=10.0.0.1", "addr=10.0.0.1/24"},
        {"tap:tap0,addr=10.0.0.1/33", "10.0.0.1/33"},
        {"tap:tap0,addr=10.0.0.1/24,gw=x", "gw="},
        {"tap:tap0,addr=10.0.0.1/24,mac=01:00:00:00:00:01", "group"},
        {"tap:tap0,addr=10.0.0.1/24,mtu=10", "576"},
        {"tap:tap0,addr=10.0.0.1/24,mtu=65522", "65521"},  // one more than tap_mtu_max
        {"tap:tap0,addr=10.0.0.1/24,mtu=65535", "65521"},
        {"tap:tap0,addr=10.0.0.1/24,offload=maybe", "offload=off"},
        {"tap:tap0,addr=10.0.0.1/24,probe=perhaps", "probe=on"},
        {"tap:tap0,addr=dhcp/24", "addr=10.0.0.1/24"},
        {"tap:tap0,addr=rarp/33", "addr=rarp/24"},
        {"tap:tap0,addr=rarp/0", "addr=rarp/24"},
        {"tap:tap0,addr=rarp24", "addr=rarp/24"},
        {"tap:tap0,addr=10.0.0.1/24,colour=red", "colour"},
        {"tap:tap0,addr=10.0.0.1/24,nothing", "key=value"},
    };
    for (const auto& [text, said] : cases) {
        try {
            (void)parse_net_option(text);
            ADD_FAILURE() << text << " was taken";
        } catch (const WrongUse& error) {
            EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << text << ": " << error.what();
        }
    }
}

}  // namespace
}  // namespace strata::cli
