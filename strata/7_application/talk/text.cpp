#include "strata/7_application/talk/text.hpp"

#include <fmt/format.h>

namespace strata::application::talk {
namespace {

// How many bytes at the beginning form a control character or one that changes the direction of writing; 0 if none do.
std::size_t harmful(std::string_view text) {
    const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    if (text.front() == '\n' || text.front() == '\t') return 0;
    if (byte(0) < ' ' || byte(0) == 0x7f) return 1;
    if (byte(0) == 0xc2 && byte(1) >= 0x80 && byte(1) <= 0x9f) return 2;                     // U+0080-009F, C1
    if (byte(0) == 0xe2 && byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) return 3;  // U+202A-202E
    if (byte(0) == 0xe2 && byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9) return 3;  // U+2066-2069
    return 0;
}

std::optional<std::string> encoded_if_any(const presentation::Charset& charset,
                                          const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    return encoded(charset, *text);
}

}  // namespace

presentation::Charset charset_named(const std::string& name) {
    auto charset = presentation::Charset::find(name);
    if (!charset)
        throw TalkError("the encoding '" + harmless(name) +
                        "' is not known here; UTF-8 and GBK are among those that are");
    return *charset;
}

std::string encoded(const presentation::Charset& charset, const std::string& text) {
    auto bytes = charset.encode(text);
    if (!bytes)
        throw TalkError("the text '" + harmless(text) + "' cannot be written in " + charset.name() +
                        "; choose another --encoding");
    return *bytes;
}

std::string without_newline(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
}

std::string harmless(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        if (text.starts_with("\r\n")) text.remove_prefix(1);
        const std::size_t size = harmful(text);
        shown += size == 0 ? text.front() : '?';
        if (text.front() == '\n') shown += "    ";
        text.remove_prefix(size == 0 ? 1 : size);
    }
    return shown;
}

std::string in_seconds(Duration duration) { return fmt::format("{:g}", seconds_of(duration)); }

Script::Script(const Options& options, const presentation::Charset& charset)
    : message(encoded_if_any(charset, options.message)),
      reply(encoded_if_any(charset, options.reply)),
      once(options.once),
      timeout(options.timeout) {}

}  // namespace strata::application::talk
