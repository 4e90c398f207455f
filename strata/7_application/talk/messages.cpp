#include "strata/7_application/talk/messages.hpp"

#include <algorithm>

#include "strata/7_application/talk/text.hpp"

namespace strata::application::talk {

std::size_t whole_characters(std::string_view text, std::size_t size) noexcept {
    if (size >= text.size()) return text.size();
    std::size_t end = size;
    // A character has at most three bytes behind its first; more of
    // them are no UTF-8, and are cut anywhere.
    for (int back = 0; back < 4 && end > 0; ++back, --end) {
        if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80) return end;
    }
    return size;
}

void Messages::add(std::string_view text) {
    text_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    text_ += text;
}

std::string Messages::cut(std::size_t size, std::size_t with_its_end) {
    std::string taken = text_.substr(begin_, size);
    begin_ += with_its_end;
    scanned_ = begin_;
    return taken;
}

std::optional<Message> Messages::next() {
    if (raw_) return take_rest();
    for (;;) {
        const std::size_t end = text_.find('\n', scanned_);
        const std::size_t size = std::min(end, text_.size()) - begin_;
        if (size > line_max_) {
            const std::size_t piece =
                std::max<std::size_t>(whole_characters(std::string_view(text_).substr(begin_), line_max_), 1);
            return Message{cut(piece, piece), true};
        }
        if (end == std::string::npos) break;
        has_ended_a_line_ = true;
        if (habit_ == Habit::unknown) habit_ = Habit::lines;
        std::string line = without_newline(cut(size, size + 1));
        if (!line.empty()) return Message{std::move(line)};  // an empty line says only that lines are spoken
    }
    scanned_ = text_.size();
    return std::nullopt;
}

Messages::Rest Messages::rest() const noexcept {
    if (begin_ == text_.size()) return Rest::none;
    if (raw_) return Rest::at_once;
    if (habit_ == Habit::unknown) return Rest::after_quiet;
    if (habit_ == Habit::lines) return Rest::held;
    return has_ended_a_line_ ? Rest::after_quiet : Rest::at_once;
}

std::optional<Message> Messages::take_rest() {
    if (begin_ == text_.size()) return std::nullopt;
    if (habit_ == Habit::unknown) habit_ = Habit::plain;
    const std::size_t size = text_.size() - begin_;
    return Message{without_newline(cut(size, size))};
}

}  // namespace strata::application::talk
