#include "totals.hpp"

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

namespace strata::fuzz {
namespace {

struct Totals {
    Totals() = default;
    Totals(const Totals&) = delete;
    Totals& operator=(const Totals&) = delete;
    ~Totals() {
        if (file == nullptr) return;
        std::ofstream out(file);
        for (const auto& [name, sum] : sums) out << name << ' ' << sum << '\n';
    }
    const char* file = std::getenv("HOST_FUZZ_COUNTERS");
    std::map<std::string, std::uint64_t, std::less<>> sums;
};

}  // namespace

void count(const host::Host& host) {
    static Totals totals;
    if (totals.file == nullptr) return;
    host.for_each_counter(
        [](Floor, std::string_view name, std::uint64_t value) { totals.sums[std::string{name}] += value; });
}

}  // namespace strata::fuzz
