// What a simulation is told by the environment: STRATA_SEEDS, how many seeds it runs; STRATA_SEED,
// the one to run alone; FULL, that it is run in its full size where nothing else is said.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace strata::test {

[[nodiscard]] inline std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

[[nodiscard]] inline std::uint64_t seeds_of(std::uint64_t usual, std::uint64_t full) {
    return number_from("STRATA_SEEDS", std::getenv("FULL") != nullptr ? full : usual);
}

}  // namespace strata::test
