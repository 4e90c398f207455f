#include "strata/0_foundation/invariant.hpp"

#include <cstdio>
#include <cstdlib>

namespace strata {

void invariant_failed(const char* what) noexcept {
    (void)std::fprintf(stderr, "strata: this must hold and does not: %s\n", what);
    std::abort();
}

}  // namespace strata
