// Messages as they go over the wire: text in the encoding that was asked for.
#pragma once

#include <string>

#include "strata/6_presentation/charset.hpp"
#include "strata/7_application/talk/talk.hpp"

namespace strata::application::talk {

inline constexpr std::size_t message_max = 64 << 10;  // bytes read at a time, and of a datagram

inline presentation::Charset charset_named(const std::string& name) {
    auto charset = presentation::Charset::find(name);
    if (!charset)
        throw TalkError("the encoding '" + name + "' is not known here; UTF-8 and GBK are among those that are");
    return *charset;
}

inline std::string encoded(const presentation::Charset& charset, const std::string& text) {
    auto bytes = charset.encode(text);
    if (!bytes)
        throw TalkError("the text '" + text + "' cannot be written in " + charset.name() +
                        "; choose another --encoding");
    return *bytes;
}

// A typed line's end is not part of what somebody said.
inline std::string without_newline(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
}

}  // namespace strata::application::talk
