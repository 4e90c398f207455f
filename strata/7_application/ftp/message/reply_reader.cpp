#include "strata/7_application/ftp/message/reply_reader.hpp"

#include <algorithm>
#include <utility>

namespace strata::application::ftp {
namespace {

// 0 if a line does not begin with one.
unsigned code_of(std::string_view line) {
    constexpr std::size_t digits = 3;
    if (line.size() < digits || line[0] < '1' || line[0] > '5') return 0;
    const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
    if (!is_digit(line[1]) || !is_digit(line[2])) return 0;
    return static_cast<unsigned>((line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0'));
}

}  // namespace

std::optional<Reply> ReplyReader::next() {
    std::size_t at = 0;
    std::optional<Reply> whole;
    while (!whole && !broken_) {
        const std::size_t end = unread_.find('\n', at);
        if (end == std::string::npos) break;
        std::string_view line = std::string_view(unread_).substr(at, end - at);
        at = end + 1;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (take(line)) whole = std::exchange(reply_, {});
    }
    unread_.erase(0, at);
    broken_ = broken_ || size_ + unread_.size() > size_max;
    if (whole) size_ = 0;
    return whole;
}

bool ReplyReader::take(std::string_view line) {
    size_ += line.size() + 1;
    const unsigned code = code_of(line);
    const char after = line.size() > 3 ? line[3] : ' ';
    if (reply_.code == 0) {
        broken_ = code == 0 || (after != ' ' && after != '-');
        if (broken_) return false;
        reply_.code = code;
        reply_.lines.emplace_back(line.substr(std::min<std::size_t>(line.size(), 4)));
        return after == ' ';
    }
    const bool last = code == reply_.code && after == ' ';
    // Some servers have the code before each line.
    const bool has_code = code == reply_.code && (last || after == '-');
    reply_.lines.emplace_back(has_code ? line.substr(std::min<std::size_t>(line.size(), 4)) : line);
    return last;
}

}  // namespace strata::application::ftp
