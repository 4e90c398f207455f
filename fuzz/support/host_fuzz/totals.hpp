// What the hosts of all inputs have counted, altogether: tools/check_fuzz_coverage.py asks for it.
#pragma once

#include "strata/host/host.hpp"

namespace strata::fuzz {

// Adds the host's counters. With HOST_FUZZ_COUNTERS=FILE in the environment the sums are written to
// that file, a line each, at the end of the program.
void count(const host::Host& host);

}  // namespace strata::fuzz
