#include "strata/7_application/talk/text.hpp"

#include <fmt/format.h>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/talk/messages.hpp"

namespace strata::application::talk {
namespace {

std::optional<std::string> checked(const presentation::Charset& charset, const std::optional<std::string>& text) {
    if (text) (void)encoded(charset, *text);
    return text;
}

}  // namespace

presentation::Charset charset_named(const std::string& name) {
    auto charset = presentation::Charset::find(name);
    if (!charset)
        throw TalkError("the encoding '" + printable(name) +
                        "' is not known here; UTF-8 and GBK are among those that are");
    return *charset;
}

std::string encoded(const presentation::Charset& charset, const std::string& text) {
    auto bytes = charset.encode(text);
    if (!bytes)
        throw TalkError("the text '" + printable(text) + "' cannot be written in " + charset.name() +
                        "; choose another --encoding");
    return *bytes;
}

std::string without_newline(std::string text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
    return text;
}

std::string beginning_of(std::string_view text) {
    constexpr std::size_t shown_max = 60;
    const std::size_t size = whole_characters(text, shown_max);
    return "'" + printable_lines(text.substr(0, size)) + (size < text.size() ? "…'" : "'");
}

std::string in_seconds(Duration duration) { return fmt::format("{:g}", seconds_of(duration)); }

Script::Script(const Options& options, const presentation::Charset& charset)
    : message(checked(charset, options.message)),
      reply(checked(charset, options.reply)),
      once(options.once),
      timeout(options.timeout) {}

}  // namespace strata::application::talk
