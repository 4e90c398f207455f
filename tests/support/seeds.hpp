// What a simulation is told by the environment: STRATA_SEEDS, how many seeds it runs; STRATA_SEED, the one to run
// alone.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace strata::test {

[[nodiscard]] inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace strata::test
