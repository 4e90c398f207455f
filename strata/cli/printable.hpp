// Text from strangers, harmless on a terminal.
#pragma once

#include <string>
#include <string_view>

namespace strata::cli {

// Control characters become '?'; what is left cannot move a cursor or begin a new line.
[[nodiscard]] inline std::string printable(std::string_view text) {
    std::string shown(text);
    for (char& letter : shown) {
        if (static_cast<unsigned char>(letter) < ' ' || letter == 0x7f) letter = '?';
    }
    return shown;
}

}  // namespace strata::cli
