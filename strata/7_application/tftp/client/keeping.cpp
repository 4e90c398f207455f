#include "strata/7_application/tftp/client/keeping.hpp"

#include <algorithm>

namespace strata::application::tftp {

std::error_code Keeping::write(Bytes bytes) {
    taken_ += bytes.size();
    if (expected_ && taken_ > *expected_) return std::make_error_code(std::errc::message_size);
    while (!bytes.empty()) {
        if (buffer_.empty()) buffer_ = out_.lend();
        const std::size_t count = std::min(bytes.size(), buffer_.size() - filled_);
        std::ranges::copy(bytes.first(count), buffer_.begin() + static_cast<std::ptrdiff_t>(filled_));
        filled_ += count;
        bytes = bytes.subspan(count);
        if (filled_ < buffer_.size()) continue;
        if (const std::error_code error = pass_on()) return error;
    }
    return {};
}

std::error_code Keeping::commit() {
    if (expected_ && taken_ != *expected_) return std::make_error_code(std::errc::message_size);
    return pass_on();
}

std::error_code Keeping::pass_on() {
    try {
        add(Bytes(buffer_).first(filled_));
    } catch (...) {
        failure_ = std::current_exception();
        return std::make_error_code(std::errc::io_error);
    }
    filled_ = 0;
    buffer_ = {};
    return {};
}

// What a part has is not written again, but it is looked at: it may be of another file.
void Keeping::add(Bytes bytes) {
    if (received_ == 0) out_.note_version({});
    const std::size_t same = received_ < have_ ? out_.same_there(received_, bytes) : 0;
    if (received_ + same < std::min<std::uint64_t>(have_, received_ + bytes.size())) {
        out_.cut_to(received_ + same);
        have_ = received_ + same;
    }
    out_.write(bytes.subspan(same));
    received_ += bytes.size();
}

}  // namespace strata::application::tftp
