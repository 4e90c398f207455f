#include "strata/cli/wrong_use/nearest.hpp"

#include <algorithm>
#include <vector>

namespace strata::cli {
namespace {

constexpr std::size_t word_length_max = 64;  // what is longer is no slip of the finger

std::string plain(std::string_view word) {
    word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));
    std::string text(word);
    std::ranges::transform(text, text.begin(), [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    });
    return text;
}

}  // namespace

std::size_t letters_apart(std::string_view a, std::string_view b) {
    // row[j]: how far the first i letters of a are from the first j letters of b.
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::swap(before_last, last);
        std::swap(last, row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> known) {
    const std::string word = plain(typed);
    if (word.empty() || word.size() > word_length_max) return std::nullopt;
    const std::string* best = nullptr;
    std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
    const std::string* begins = nullptr;
    std::size_t beginnings = 0;
    for (const std::string& candidate : known) {
        const std::string other = plain(candidate);
        if (other.starts_with(word)) {
            begins = &candidate;
            ++beginnings;
        }
        // A word of one letter is as near to any other one: no guess.
        if (std::min(word.size(), other.size()) < 2 && word != other) continue;
        const std::size_t distance = letters_apart(word, other);
        if (distance >= best_distance) continue;
        best = &candidate;
        best_distance = distance;
    }
    if (best != nullptr) return *best;
    if (beginnings == 1) return *begins;
    return std::nullopt;
}

}  // namespace strata::cli
