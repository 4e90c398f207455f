#include "strata/7_application/http/message/head.hpp"

#include <fmt/format.h>

#include "strata/7_application/http/message/date.hpp"

namespace strata::application::http {

const std::string& DateNow::at(std::chrono::system_clock::time_point now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second != second_ || text_.empty()) {
        second_ = second;
        text_ = format_date(second);
    }
    return text_;
}

void append_head(std::string& to, const Answer& answer, const Frame& frame, const std::string& date) {
    const auto line = [&to](std::string_view name, std::string_view value) {
        to.append(name).append(": ").append(value).append("\r\n");
    };
    const fmt::format_int status(answer.status);
    to.append("HTTP/1.1 ").append(status.data(), status.size()).append(" ").append(reason_of(answer.status));
    to.append("\r\n");
    line("Date", date);
    line("Server", "Strata");
    for (const auto& [name, value] : answer.fields) line(name, value);
    const fmt::format_int size(frame.length);
    const bool has_body = answer.status != 204 && answer.status != 304;
    if (has_body && frame.framing == Framing::length) line("Content-Length", {size.data(), size.size()});
    if (has_body && frame.framing == Framing::chunks) line("Transfer-Encoding", "chunked");
    line("Connection", frame.keep_alive ? "keep-alive" : "close");
    to.append("\r\n");
}

}  // namespace strata::application::http
