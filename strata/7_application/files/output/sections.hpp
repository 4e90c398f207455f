// Sections: which bytes of a part are missing, where it is filled at several places at once.
//
//     0       place      end  place                  end   place    end
//     ████████░░░░░░░░░░░│████░░░░░░░░░░░░░░░░░░░░░░░│█████░░░░░░░░░│
//
// Kept in a file of a line for each, "PLACE END", which is replaced as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace strata::application {

// The bytes [place, end) are not there.
struct Section {
    std::uint64_t place = 0;
    std::uint64_t end = 0;
};

inline constexpr std::size_t sections_max = 64;

// In ascending order, at most sections_max; where nothing is missing there is no file. False: they
// could not be written; what was kept before may be there still.
[[nodiscard]] bool save_sections(const std::string& path, const std::vector<Section>& missing);
// Nothing: there is no such file. Whatever may be in it: what is not known for sections of ours
// misses everything.
[[nodiscard]] std::optional<std::vector<Section>> load_sections(const std::string& path);
// Halves the largest ones until there are so many, or none has twice `least` bytes.
void divide(std::vector<Section>& missing, std::size_t wanted, std::uint64_t least);

}  // namespace strata::application
