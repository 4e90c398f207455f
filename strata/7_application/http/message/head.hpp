// The head of an answer as it is on the wire: status line and fields (RFC 9112 4 and 5).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace strata::application::http {

// Names and values, in their order.
using Fields = std::vector<std::pair<std::string, std::string>>;

// Now, as a date; made anew once a second.
class DateNow {
public:
    [[nodiscard]] const std::string& at(std::chrono::system_clock::time_point now);

private:
    std::chrono::sys_seconds second_{};
    std::string text_;
};

// How the end of the body is known (RFC 9112 6.3).
enum class Framing : std::uint8_t { length, chunks, until_close };

struct Frame {
    Framing framing = Framing::length;
    std::uint64_t length = 0;  // of the body, if that is how its end is known
    bool keep_alive = true;
};

[[nodiscard]] std::string_view reason_of(unsigned status) noexcept;
void append_head(std::string& to, unsigned status, const Fields& fields, const Frame& frame, const std::string& date);

}  // namespace strata::application::http
