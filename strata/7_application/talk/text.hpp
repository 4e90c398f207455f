// Messages as they go over the wire, in the encoding that was asked for, and as they are shown.
//
// Called by the conversations (peer, stream_listener, stream_caller, datagrams).
#pragma once

#include <string>

#include "strata/6_presentation/charset.hpp"
#include "strata/7_application/talk/talk.hpp"

namespace strata::application::talk {

inline constexpr std::size_t message_max = 64 << 10;  // bytes read at a time, and of a datagram

// Throws TalkError with a sentence about the name.
[[nodiscard]] presentation::Charset charset_named(const std::string& name);

// Throws TalkError if the encoding has no such characters.
[[nodiscard]] std::string encoded(const presentation::Charset& charset, const std::string& text);

// A typed line's end is not part of what somebody said.
[[nodiscard]] std::string without_newline(std::string text);

// The beginning of a text, harmless and in quotes: enough to know it by.
[[nodiscard]] std::string beginning_of(std::string_view text);

// "10", "0.3".
[[nodiscard]] std::string in_seconds(Duration duration);

// What a script says. Made before anybody is listened to, so that a
// text that can't be written is noticed at once.
struct Script {
    Script(const Options& options, const presentation::Charset& charset);
    [[nodiscard]] bool is_one() const noexcept { return message || reply || once; }
    // Ends after one exchange.
    [[nodiscard]] bool is_single() const noexcept { return once || (message && !reply); }
    // Waits no longer than the timeout.
    [[nodiscard]] bool is_bounded() const noexcept { return once || message; }

    std::optional<std::string> message;
    std::optional<std::string> reply;
    bool once;
    Duration timeout;
};

}  // namespace strata::application::talk
