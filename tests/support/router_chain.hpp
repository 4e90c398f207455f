// Two hosts of ours with three routers between them, in virtual time, for tests of who answers on
// the way.
//
//     near 10.0.0.1 ── 10.0.0.254 [1] ── 10.0.1.253 [2] ── 10.0.2.253 [3] ── 10.0.3.2 far
//
// Each cable takes a millisecond each way. MTUs: 1500, but 1200 between the second and the third.
#pragma once

#include <gtest/gtest.h>

#include "strata/lab/lab.hpp"
#include "tests/support/narrow_router.hpp"

namespace strata::test {

struct RouterChain : testing::Test {
    static constexpr Ipv4Address near_address{10, 0, 0, 1}, far_address{10, 0, 3, 2};
    static constexpr std::array<Ipv4Address, 3> hops{Ipv4Address{10, 0, 0, 254}, Ipv4Address{10, 0, 1, 253},
                                                     Ipv4Address{10, 0, 2, 253}};

    RouterChain() {
        join(near, cables.front().a(), {near_address, 24}, hops[0]);
        join(far, cables.back().b(), {far_address, 24}, {10, 0, 3, 254});
        lab.run_for(1s);  // announcements
    }
    static void join(host::Host& host, physical::Port& port, Ipv4InterfaceAddress address, Ipv4Address gateway) {
        EXPECT_FALSE(host.add_interface(port, address));
        EXPECT_FALSE(host.set_gateway(gateway));
    }

    lab::VirtualLab lab{1};
    SeededEntropy entropy{2};
    PacketPool pool;
    Context context{lab.scheduler(), entropy, pool, nullptr, "router"};
    static constexpr physical::CableWayOptions way{.delay = 1ms};
    std::array<physical::Cable, 4> cables{physical::Cable{context, {.a_to_b = way, .b_to_a = way}},
                                          physical::Cable{context, {.a_to_b = way, .b_to_a = way}},
                                          physical::Cable{context, {.a_to_b = way, .b_to_a = way}},
                                          physical::Cable{context, {.a_to_b = way, .b_to_a = way}}};
    NarrowRouter first{context, cables[0].b(), cables[1].a(), {}, 0};
    NarrowRouter second{context, cables[1].b(), cables[2].a(), {.right = 1200}, 1};
    NarrowRouter third{context, cables[2].b(), cables[3].a(), {.left = 1200}, 2};
    host::Host& near = lab.add_host("near");
    host::Host& far = lab.add_host("far");
};

}  // namespace strata::test
