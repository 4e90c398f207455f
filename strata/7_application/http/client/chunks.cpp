#include "strata/7_application/http/client/chunks.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "strata/0_foundation/ascii.hpp"

namespace strata::application::http {

std::size_t Chunks::take_off(MutableBytes bytes) {
    std::size_t meant = 0;
    std::size_t place = 0;
    while (place < bytes.size() && state_ != State::done && state_ != State::broken) {
        if (state_ != State::data) {
            take(static_cast<char>(bytes[place++]));
            continue;
        }
        const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - place));
        std::memmove(bytes.data() + meant, bytes.data() + place, count);
        meant += count;
        place += count;
        left_ -= count;
        if (left_ == 0) state_ = State::data_end;
    }
    return meant;
}

void Chunks::end_of_size() {
    ignored_ = 0;
    state_ = left_ == 0 ? State::trailer_begin : State::data;
}

// A byte that is not data.
void Chunks::take(char letter) {
    switch (state_) {
        case State::size_begin:
        case State::size: {
            const auto digit = hex_digit(letter);
            if (digit && left_ <= std::numeric_limits<std::uint64_t>::max() >> 8) {
                left_ = left_ << 4 | *digit;
                state_ = State::size;
            } else if (state_ == State::size && letter == '\n') {
                end_of_size();
            } else if (state_ == State::size && (letter == ';' || letter == '\r' || letter == ' ' || letter == '\t')) {
                state_ = State::extension;
            } else {
                state_ = State::broken;
            }
            return;
        }
        case State::extension:
            if (letter == '\n') return end_of_size();
            break;
        case State::data_end:
            if (letter == '\n') state_ = State::size_begin;
            if (letter != '\n' && letter != '\r') state_ = State::broken;
            break;
        case State::trailer_begin:
            if (letter == '\n') state_ = State::done;
            if (letter != '\n' && letter != '\r') state_ = State::trailer;
            break;
        case State::trailer:
            if (letter == '\n') state_ = State::trailer_begin;
            break;
        case State::data:
        case State::done:
        case State::broken: return;
    }
    if (++ignored_ > ignored_max) state_ = State::broken;
}

}  // namespace strata::application::http
