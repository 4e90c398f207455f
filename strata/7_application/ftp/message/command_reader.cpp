#include "strata/7_application/ftp/message/command_reader.hpp"

namespace strata::application::ftp {
namespace {

// RFC 854.
constexpr unsigned char data_mark = 242, interrupt_process = 244, will = 251, wont = 252, do_it = 253, dont = 254,
                        interpret_as_command = 255;

}  // namespace

std::optional<CommandReader::Line> CommandReader::next() {
    while (!unread_.empty()) {
        const auto octet = static_cast<unsigned char>(unread_.front());
        unread_.remove_prefix(1);
        if (take(octet)) return Line{std::exchange(line_, {}), std::exchange(too_long_, false)};
    }
    return std::nullopt;
}

bool CommandReader::take(unsigned char octet) {
    if (state_ == State::cr) {
        state_ = State::text;
        if (octet == '\n') return true;
        keep('\r');
        if (octet == '\0') return false;
    }
    if (state_ != State::text) {
        take_telnet(octet);
        return false;
    }
    switch (octet) {
        case '\n': return true;
        case '\r': state_ = State::cr; return false;
        case interpret_as_command: state_ = State::iac; return false;
        // A Synch whose IAC was sent as urgent data, and is not in the stream any more (RFC 959
        // 4.1.3 at ABOR). No verb begins with either.
        case data_mark:
        case interrupt_process:
            if (line_.empty()) return false;
            [[fallthrough]];
        default: keep(static_cast<char>(octet)); return false;
    }
}

void CommandReader::take_telnet(unsigned char octet) {
    const State was = std::exchange(state_, State::text);
    if (was == State::iac) {
        switch (octet) {
            case interpret_as_command: return keep(static_cast<char>(octet));
            case will: state_ = State::will; return;
            case do_it: state_ = State::do_; return;
            case wont:
            case dont: state_ = State::other_option; return;
            default: return;  // a function: there is none here but ABOR
        }
    }
    if (was == State::other_option) return;
    const unsigned char no = was == State::will ? dont : wont;
    answers_ += {static_cast<char>(interpret_as_command), static_cast<char>(no), static_cast<char>(octet)};
}

void CommandReader::keep(char letter) {
    if (line_.size() < line_max) {
        line_ += letter;
    } else {
        too_long_ = true;
    }
}

void CommandReader::clear() { *this = {}; }

}  // namespace strata::application::ftp
