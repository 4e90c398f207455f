#include "strata/0_foundation/ipv4_classes.hpp"

#include <gtest/gtest.h>

namespace strata {
namespace {

TEST(Ipv4Classes, TheFirstOctetSaysHowLongASubnetIs) {
    EXPECT_EQ(length_of_class({10, 0, 0, 1}), 8u);
    EXPECT_EQ(length_of_class({127, 255, 0, 1}), 8u);
    EXPECT_EQ(length_of_class({128, 0, 0, 1}), 16u);
    EXPECT_EQ(length_of_class({191, 0, 0, 1}), 16u);
    EXPECT_EQ(length_of_class({192, 0, 0, 1}), 24u);
    EXPECT_EQ(length_of_class({223, 255, 255, 255}), 24u);
}

TEST(Ipv4Classes, SomeAddressesAreNoHosts) {
    for (const Ipv4Address address : {Ipv4Address{1, 0, 0, 0}, Ipv4Address{126, 255, 255, 255},
                                      Ipv4Address{128, 0, 0, 1}, Ipv4Address{223, 255, 255, 255}}) {
        EXPECT_TRUE(can_be_a_hosts(address)) << address.to_string();
    }
    for (const Ipv4Address address :
         {Ipv4Address{}, Ipv4Address{0, 255, 255, 255}, Ipv4Address{127, 0, 0, 0}, Ipv4Address{127, 255, 255, 255},
          Ipv4Address{224, 0, 0, 0}, Ipv4Address::broadcast()}) {
        EXPECT_FALSE(can_be_a_hosts(address)) << address.to_string();
    }
}

}  // namespace
}  // namespace strata
