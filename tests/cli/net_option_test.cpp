// --net: what is understood, and what each mistake is answered with.
#include "strata/cli/net_option.hpp"

#include <gtest/gtest.h>

#include "strata/cli/commands.hpp"

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

TEST(NetOption, OtherDevices) {
    const NetOption nic = parse_net_option("packet:eth0,addr=10.0.0.1/24,gw=10.0.0.2,mac=02:00:00:00:00:07,probe=on");
    EXPECT_EQ(nic.kind, NetOption::Kind::packet);
    EXPECT_EQ(nic.interface, "eth0");
    EXPECT_TRUE(nic.probe && nic.on_ethernet() && nic.on_device());
    EXPECT_TRUE(parse_net_option("packet:eth0,addr=rarp/24").rarp);
    const NetOption tun = parse_net_option("tun:tun0,addr=10.0.0.1/24,host=10.0.0.2/24,mtu=1400,offload=off");
    EXPECT_EQ(tun.kind, NetOption::Kind::tun);
    EXPECT_EQ(tun.mtu, 1400u);
    EXPECT_TRUE(tun.on_device() && !tun.on_ethernet());
    const NetOption slip = parse_net_option("slip:/dev/ttyS0,addr=10.0.0.1/24,gw=10.0.0.2,mtu=68,rate=115200");
    EXPECT_EQ(slip.kind, NetOption::Kind::slip);
    EXPECT_EQ(slip.interface, "/dev/ttyS0");
    EXPECT_EQ(slip.mtu, 68u);
    EXPECT_EQ(slip.rate, 115200u);
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
    EXPECT_TRUE(parse_net_option("packet:eth0,addr=dhcp").dhcp);
    EXPECT_FALSE(parse_net_option("tap:tap0,addr=dhcp,addr=10.0.0.1/24").dhcp);
    EXPECT_FALSE(parse_net_option("tap:tap0,addr=dhcp,addr=rarp").dhcp);
    EXPECT_FALSE(parse_net_option("tap:tap0,addr=rarp,addr=dhcp").rarp);
}

TEST(NetOption, AVlanAndItsPriority) {
    EXPECT_FALSE(parse_net_option("tap:tap0,addr=10.0.0.1/24").vlan);
    EXPECT_EQ(parse_net_option("tap:tap0,addr=10.0.0.1/24,vlan=1").vlan->number(), 1);
    const NetOption last = parse_net_option("tap:tap0,pcp=7,vlan=4094,addr=10.0.0.1/24");
    EXPECT_EQ(last.vlan->number(), 4094);
    EXPECT_EQ(last.pcp, 7);
    EXPECT_FALSE(last.pcp_of_class);
    EXPECT_TRUE(parse_net_option("tap:tap0,addr=10.0.0.1/24,vlan=10,pcp=class").pcp_of_class);
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
        {"tap:tap0,addr=10.0.0.1/24,vlan=0", "4094"},
        {"tap:tap0,addr=10.0.0.1/24,vlan=4095", "4094"},
        {"tap:tap0,addr=10.0.0.1/24,vlan=10x", "4094"},
        {"tap:tap0,addr=10.0.0.1/24,vlan=10,pcp=8", "0 to 7"},
        {"tap:tap0,addr=10.0.0.1/24,vlan=10,pcp=-1", "0 to 7"},
        {"tap:tap0,addr=10.0.0.1/24,pcp=1", "vlan=N"},
        {"tap:tap0,addr=dhcp/24", "addr=10.0.0.1/24"},
        {"tun:tun0,addr=dhcp", "no hardware address"},
        {"tap:tap0,addr=rarp/33", "addr=rarp/24"},
        {"tap:tap0,addr=rarp/0", "addr=rarp/24"},
        {"tap:tap0,addr=rarp24", "addr=rarp/24"},
        {"tap:tap0,addr=10.0.0.1/24,colour=red", "colour"},
        {"tap:tap0,addr=10.0.0.1/24,nothing", "key=value"},
        {"tap", "tap:IFNAME"},
        {"packet:", "interface"},
        {"packet:eth0", "a network interface needs an address"},
        {"packet:eth0,addr=10.0.0.1/24,host=10.0.0.2/24", "for a network interface"},
        {"tun:tun0,addr=10.0.0.1/24,mac=02:00:00:00:00:01", "for a tun"},
        {"tun:tun0,addr=rarp", "no hardware address"},
        {"tun:a/b,addr=10.0.0.1/24", "interface"},
        {"slip:,addr=10.0.0.1/24", "/dev/ttyS0"},
        {"slip:/dev/ttyS0", "a serial line needs an address"},
        {"slip:/dev/ttyS0,addr=10.0.0.1/24,mtu=67", "68"},
        {"slip:/dev/ttyS0,addr=10.0.0.1/24,mtu=1501", "1500"},
        {"slip:/dev/ttyS0,addr=10.0.0.1/24,rate=0", "bits a second"},
        {"slip:/dev/ttyS0,addr=10.0.0.1/24,offload=off", "for a serial line"},
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
