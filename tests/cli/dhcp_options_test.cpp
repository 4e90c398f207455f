// What `strata dhcp serve` reads, and which part it names when that is nonsense.
#include "strata/cli/dhcp_options.hpp"

#include <gtest/gtest.h>

#include "strata/cli/commands.hpp"

namespace strata::cli {
namespace {

constexpr Ipv4InterfaceAddress own{Ipv4Address{10, 9, 0, 1}, 24};

DhcpTexts texts() {
    DhcpTexts all;
    all.ranges = {"10.9.0.100-10.9.0.199"};
    return all;
}

TEST(DhcpOptions, SayAPlan) {
    DhcpTexts all = texts();
    all.ranges.emplace_back("10.9.0.50");
    all.hosts = {"02:00:00:00:00:07=10.9.0.7"};
    all.routers = {"10.9.0.1"};
    all.dns = {"9.9.9.9", "8.8.8.8"};
    all.domain = "example.net";
    all.next_server = "10.9.0.2";
    all.boot_files = {"undionly.kpxe", "efi64=grub=x64.efi", "31=cloud.efi", "ipxe=boot.ipxe", "http://10.9.0.2/a?b=c"};
    all.lease = "12h";
    const auto plan = parse_dhcp(all, own);
    EXPECT_EQ(plan.own, own);
    EXPECT_EQ(plan.ranges.size(), 2u);
    EXPECT_EQ(plan.reservations.at(MacAddress{{2, 0, 0, 0, 0, 7}}), (Ipv4Address{10, 9, 0, 7}));
    EXPECT_EQ(plan.routers.size(), 1u);
    EXPECT_EQ(plan.domain_name_servers.size(), 2u);
    EXPECT_EQ(plan.domain_name, "example.net");
    EXPECT_EQ(plan.next_server, (Ipv4Address{10, 9, 0, 2}));
    EXPECT_EQ(plan.boot_files.otherwise, "http://10.9.0.2/a?b=c")
        << "no architecture before the =, and the last counts";
    EXPECT_EQ(plan.boot_files.by_architecture.at(7), "grub=x64.efi");
    EXPECT_EQ(plan.boot_files.by_architecture.at(9), "grub=x64.efi");
    EXPECT_EQ(plan.boot_files.by_architecture.at(31), "cloud.efi");
    EXPECT_EQ(plan.boot_files.ipxe, "boot.ipxe");
    EXPECT_EQ(plan.lease_time, 12h);
    EXPECT_EQ(parse_dhcp(texts(), own).lease_time, 1h);
}

TEST(DhcpOptions, ALeaseHasAUnit) {
    const struct {
        const char* text;
        Duration time;
    } cases[] = {{"10", 10s},
                 {"90s", 90s},
                 {"90m", 90min},
                 {"7d", 7 * 24h},
                 {"infinite", Duration::max()},
                 {"4294967294", std::chrono::seconds{4294967294}}};
    for (const auto& [text, time] : cases) {
        DhcpTexts all = texts();
        all.lease = text;
        EXPECT_EQ(parse_dhcp(all, own).lease_time, time) << text;
    }
}

TEST(DhcpOptions, MistakesAreNamed) {
    const struct {
        void (*change)(DhcpTexts&);
        const char* said;
    } cases[] = {
        {[](DhcpTexts& all) { all.ranges = {"10.9.0.9-10.9.0.1"}; }, "RANGE: '10.9.0.9-10.9.0.1'"},
        {[](DhcpTexts& all) { all.ranges = {"10.8.0.1-10.8.0.2"}; }, "10.9.0.0/24"},
        {[](DhcpTexts& all) { all.ranges.clear(); }, "no address"},
        {[](DhcpTexts& all) { all.hosts = {"10.9.0.7"}; }, "--host: '10.9.0.7'"},
        {[](DhcpTexts& all) { all.hosts = {"02:00:00:00:00:07=x"}; }, "--host: 'x'"},
        {[](DhcpTexts& all) { all.hosts = {"03:00:00:00:00:07=10.9.0.7"}; }, "--host"},
        {[](DhcpTexts& all) { all.hosts = {"02:00:00:00:00:07=10.9.0.7", "02:00:00:00:00:07=10.9.0.8"}; }, "twice"},
        {[](DhcpTexts& all) { all.routers = {"nowhere"}; }, "--router: 'nowhere'"},
        {[](DhcpTexts& all) { all.routers = {"10.8.0.1"}; }, "the router 10.8.0.1"},
        {[](DhcpTexts& all) { all.dns = {"::1"}; }, "--dns: '::1'"},
        {[](DhcpTexts& all) { all.next_server = "\x1b[2J"; }, "--next-server: '?[2J'"},
        {[](DhcpTexts& all) { all.boot_files = {"bios="}; }, "--boot-file: 'bios='"},
        {[](DhcpTexts& all) { all.boot_files = {std::string(128, 'f')}; }, "127 letters"},
        {[](DhcpTexts& all) { all.lease = "9"; }, "--lease: '9'"},
        {[](DhcpTexts& all) { all.lease = "4294967295"; }, "--lease"},
        {[](DhcpTexts& all) { all.lease = "99999999999999999999"; }, "--lease"},
        {[](DhcpTexts& all) { all.lease = "12w"; }, "--lease"},
        {[](DhcpTexts& all) { all.lease = "h"; }, "--lease"},
    };
    for (const auto& [change, said] : cases) {
        DhcpTexts all = texts();
        change(all);
        try {
            (void)parse_dhcp(all, own);
            ADD_FAILURE() << said;
        } catch (const WrongUse& error) {
            EXPECT_NE(std::string{error.what()}.find(said), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace strata::cli
