#include "strata/7_application/ftp/message/reply.hpp"

#include <fmt/format.h>

namespace strata::application::ftp {

std::string reply(unsigned code, std::string_view text) { return fmt::format("{} {}\r\n", code, on_a_line(text)); }

LongReply::LongReply(unsigned code, std::string_view first)
    : code_(code), text_(fmt::format("{}-{}\r\n", code, on_a_line(first))) {}

void LongReply::add(std::string_view line) { text_.append(" ").append(on_a_line(line)).append("\r\n"); }

std::string LongReply::end(std::string_view last) && { return std::move(text_) + reply(code_, last); }

std::string quoted(std::string_view path) {
    std::string result = "\"";
    for (const char letter : path) {
        result += letter;
        if (letter == '"') result += letter;
    }
    return result += '"';
}

std::string on_a_line(std::string_view path) {
    std::string result;
    result.reserve(path.size());
    for (const char letter : path) {
        if (letter == '\r') {
            result.append("\r\0", 2);
        } else {
            result += letter == '\n' ? '?' : letter;
        }
    }
    return result;
}

}  // namespace strata::application::ftp
