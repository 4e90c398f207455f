// Ending: who ended what was being sent.
#pragma once

#include <cstdint>
#include <string_view>

namespace strata::application {

enum class Ending : std::uint8_t {
    whole,       // it has arrived, to the last byte
    by_client,   // it left
    too_slow,    // the client took nothing, or too little, for longer than our Patience
    by_server,   // it was stopped
    file_short,  // the file could not be read to the length that it had
    not_kept,    // what came could not be written, or was not taken
};

// Why what has not arrived never will: the nearest cause counts.
[[nodiscard]] constexpr Ending why_lost(bool server_was_stopped, bool file_is_short, bool client_was_slow) noexcept {
    if (server_was_stopped) return Ending::by_server;
    if (file_is_short) return Ending::file_short;
    return client_was_slow ? Ending::too_slow : Ending::by_client;
}

// In words, for a log; empty for what is whole.
[[nodiscard]] constexpr std::string_view in_words(Ending ending) noexcept {
    switch (ending) {
        case Ending::whole: return "";
        case Ending::by_client: return "cut off: the client left";
        case Ending::too_slow: return "cut off: the client was too slow";
        case Ending::by_server: return "cut off: the server was stopped";
        case Ending::file_short: return "cut off: the file became shorter, or cannot be read";
        case Ending::not_kept: return "cut off: the file could not be kept";
    }
    return "";
}

}  // namespace strata::application
