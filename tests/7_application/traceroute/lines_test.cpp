// The lines of traceroute: in order, whatever the order of the answers.
#include "strata/7_application/traceroute/lines.hpp"

#include <gtest/gtest.h>

namespace strata::application::traceroute {
namespace {

constexpr Ipv4Address one{192, 0, 2, 1}, two{192, 0, 2, 2};

struct TracerouteLines : testing::Test {
    std::string text;
    bool names_are_known = true;
    Lines lines{
        1, 3, [this](const std::string& part, bool ends) { text += ends ? part + "\n" : part; },
        [this](const IpAddress& host) { return names_are_known ? std::optional{host.to_string()} : std::nullopt; }};
    static Answer answer(Ipv4Address from, std::string mark = {}, std::size_t mtu = 0) {
        return {.from = from, .round_trip = 1500us, .mark = std::move(mark), .mtu = mtu};
    }
};

TEST_F(TracerouteLines, AreInTheOrderOfTheProbes) {
    lines.put(2, std::nullopt);
    lines.put(1, answer(one));
    EXPECT_FALSE(lines.write(6));
    EXPECT_EQ(text, "");
    lines.put(0, answer(one));
    EXPECT_FALSE(lines.write(6));
    EXPECT_EQ(text, " 1  192.0.2.1  1.500 ms  1.500 ms *\n");
    text.clear();
    lines.put(3, std::nullopt);
    lines.put(4, answer(one, "!H"));
    lines.put(5, answer(two));
    EXPECT_TRUE(lines.write(6));
    EXPECT_EQ(text, " 2  * 192.0.2.1  1.500 ms !H 192.0.2.2  1.500 ms\n");
}

TEST_F(TracerouteLines, WaitForNamesAndShowTheMtu) {
    names_are_known = false;
    lines.put(0, answer(one, "", 1400));
    EXPECT_FALSE(lines.write(1));
    EXPECT_EQ(text, "");
    names_are_known = true;
    EXPECT_TRUE(lines.write(1));
    EXPECT_EQ(text, " 1  192.0.2.1  1.500 ms F=1400");
    EXPECT_TRUE(lines.write(0)) << "a hop before answered for all";
}

}  // namespace
}  // namespace strata::application::traceroute
