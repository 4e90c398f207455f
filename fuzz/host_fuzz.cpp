// A whole host and its peer, by a script: nothing crashes, hangs, or
// breaks the rules of World::check().
//
// The peer knows what the host has sent, so that a script gets deep: connections open, lose
// segments, recover, close and rest. See support/host_fuzz: Script (the bytes), Peer (the other end
// of the cable), World (the host and the rules), steps.
// links: host
#include "support/host_fuzz/steps.hpp"

using namespace strata::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr int steps_max = 512;
    if (size > 4096) return 0;
    Script script(data, size);
    World world(script);
    for (int steps = 0; !script.over() && steps < steps_max; ++steps) {
        world.begin_step();
        const bool time_passed = do_step(world, script);
        world.check(time_passed);
    }
    world.end();
    return 0;
}
