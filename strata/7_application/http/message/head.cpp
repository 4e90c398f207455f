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

std::string_view reason_of(unsigned status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 201: return "Created";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 431: return "Request Header Fields Too Large";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        case 507: return "Insufficient Storage";
        default: return "Internal Server Error";
    }
}

void append_head(std::string& to, unsigned status, const Fields& fields, const Frame& frame, const std::string& date) {
    const auto line = [&to](std::string_view name, std::string_view value) {
        to.append(name).append(": ").append(value).append("\r\n");
    };
    const fmt::format_int digits(status);
    to.append("HTTP/1.1 ").append(digits.data(), digits.size()).append(" ").append(reason_of(status));
    to.append("\r\n");
    line("Date", date);
    line("Server", "Strata");
    for (const auto& [name, value] : fields) line(name, value);
    const fmt::format_int size(frame.length);
    const bool has_body = status != 204 && status != 304;
    if (has_body && frame.framing == Framing::length) line("Content-Length", {size.data(), size.size()});
    if (has_body && frame.framing == Framing::chunks) line("Transfer-Encoding", "chunked");
    line("Connection", frame.keep_alive ? "keep-alive" : "close");
    to.append("\r\n");
}

}  // namespace strata::application::http
