// What ICMP messages mean for who looks for the way, number by number.
#include "strata/7_application/traceroute/verdict.hpp"

#include <gtest/gtest.h>

namespace strata::application::traceroute {
namespace {

struct Case {
    std::uint8_t type;
    std::uint8_t code;
    std::string mark;
};

void expect_all(IpVersion version, const std::vector<Case>& cases) {
    for (const Case& one : cases) {
        const Verdict verdict = verdict_of({one.type, one.code}, version, 1400);
        EXPECT_EQ(verdict.mark, one.mark) << int{one.type} << "/" << int{one.code};
        EXPECT_TRUE(verdict.ends);
        EXPECT_FALSE(verdict.reached);
    }
}

TEST(TracerouteVerdict, OfEachCodeOfUnreachable) {
    expect_all(IpVersion::v4, {{3, 0, "!N"},
                               {3, 1, "!H"},
                               {3, 2, "!P"},
                               {3, 4, "!F-1400"},
                               {3, 5, "!S"},
                               {3, 6, "!N"},
                               {3, 7, "!H"},
                               {3, 8, "!N"},
                               {3, 9, "!X"},
                               {3, 10, "!X"},
                               {3, 11, "!N"},
                               {3, 12, "!H"},
                               {3, 13, "!X"},
                               {3, 14, "!V"},
                               {3, 15, "!C"},
                               {3, 16, "!<16>"},
                               {3, 255, "!<255>"},
                               {11, 1, "!<11-1>"},
                               {12, 0, "!<12-0>"}});
    expect_all(IpVersion::v6, {{1, 0, "!N"},
                               {1, 1, "!X"},
                               {1, 2, "!N"},
                               {1, 3, "!H"},
                               {1, 5, "!<5>"},
                               {2, 0, "!F-1400"},
                               {3, 1, "!<3-1>"},
                               {4, 1, "!<4-1>"}});
}

TEST(TracerouteVerdict, OnTheWayAndThere) {
    for (const auto& [version, exceeded, nobody] :
         {std::tuple{IpVersion::v4, network::IcmpTypeCode{11, 0}, network::IcmpTypeCode{3, 3}},
          std::tuple{IpVersion::v6, network::IcmpTypeCode{3, 0}, network::IcmpTypeCode{1, 4}}}) {
        const Verdict on_the_way = verdict_of(exceeded, version, 0);
        EXPECT_TRUE(on_the_way.mark.empty() && !on_the_way.ends && !on_the_way.reached);
        const Verdict there = verdict_of(nobody, version, 0);
        EXPECT_TRUE(there.mark.empty() && there.ends && there.reached);
    }
}

}  // namespace
}  // namespace strata::application::traceroute
