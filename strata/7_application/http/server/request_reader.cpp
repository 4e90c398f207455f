#include "strata/7_application/http/server/request_reader.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>

#include "strata/7_application/http/message/request_line.hpp"
#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {

namespace asio = session::asio;
namespace beast = boost::beast;
using asio::awaitable;
using asio::redirect_error;
using asio::use_awaitable;
using session::error_code;
using session::Stream;

namespace {

constexpr std::size_t read_at_a_time = 4096;

// Several lines of a field are one list (RFC 9110 5.3).
std::optional<std::string> field(const RequestParser& parser, beast::http::field name) {
    const auto [begin, end] = parser.get().equal_range(name);
    if (begin == end) return std::nullopt;
    std::string value(begin->value());
    for (auto line = std::next(begin); line != end; ++line) value.append(", ").append(line->value());
    return value;
}

unsigned refused_framing(const RequestParser& parser) {
    const auto [begin, end] = parser.get().equal_range(beast::http::field::transfer_encoding);
    if (begin == end) return 0;
    if (parser.get().version() < 11 || parser.get().count(beast::http::field::content_length) > 0) return 400;
    return std::next(begin) == end && beast::iequals(begin->value(), "chunked") ? 0 : 501;
}

}  // namespace

bool parse_head(beast::flat_buffer& buffer, RequestHead& head, std::size_t line_max, error_code& error) {
    if (!head.line_is_good) {
        const auto data = buffer.data();
        const RequestLine line = check_request_line({static_cast<char*>(data.data()), data.size()}, line_max);
        buffer.consume(line.skip);
        head.refused = line.status;
        if (line.state == RequestLine::State::wrong) return true;
        if (line.state == RequestLine::State::incomplete) return false;
        head.line_is_good = true;
    }
    buffer.consume(head.parser.put(buffer.data(), error));
    if (error == beast::http::error::need_more) error.clear();
    return error || head.parser.is_header_done();
}

awaitable<error_code> read_head(Stream& stream, beast::flat_buffer& buffer, RequestHead& head, std::size_t line_max) {
    error_code error;
    while (!error && !(buffer.size() > 0 && parse_head(buffer, head, line_max, error))) {
        const std::size_t room = std::min(read_at_a_time, buffer.max_size() - buffer.size());
        if (room == 0) co_return beast::http::error::header_limit;
        buffer.commit(co_await stream.async_read_some(buffer.prepare(room), redirect_error(use_awaitable, error)));
    }
    co_return error;
}

awaitable<error_code> skip_body(Stream& stream, beast::flat_buffer& buffer, RequestParser& parser) {
    std::vector<char> nowhere(read_at_a_time);
    error_code error;
    while (!parser.is_done() && !error) {
        parser.get().body().data = nowhere.data();
        parser.get().body().size = nowhere.size();
        parser.get().body().more = true;
        co_await beast::http::async_read_some(stream, buffer, parser, redirect_error(use_awaitable, error));
        if (error == beast::http::error::need_buffer) error = {};
    }
    co_return error;
}

std::optional<Answer> refuse_early(const RequestParser& parser) {
    using Field = beast::http::field;
    const auto& message = parser.get();
    if (const unsigned status = refused_framing(parser)) return error_answer(status);
    const std::size_t hosts = message.count(Field::host);
    if (hosts > 1 || (hosts == 0 && message.version() >= 11)) return error_answer(400, "One Host field is needed.");
    if (hosts == 1 && !is_host(message[Field::host])) return error_answer(400, "The Host field names no host.");
    const bool expects = message.version() >= 11 && message.count(Field::expect) > 0;
    if (expects && !expects_continue(parser)) return error_answer(417);
    return std::nullopt;
}

bool expects_continue(const RequestParser& parser) {
    const auto& message = parser.get();
    return message.version() >= 11 && beast::iequals(message[beast::http::field::expect], "100-continue");
}

std::optional<Answer> answer_to_garbage(const error_code& error, bool timed_out) {
    if (timed_out) return error_answer(408);
    if (error == asio::error::eof || error == beast::http::error::end_of_stream ||
        error == beast::http::error::partial_message)
        return std::nullopt;
    if (error == beast::http::error::header_limit || error == beast::http::error::buffer_overflow)
        return error_answer(431);
    if (error == beast::http::error::body_limit) return error_answer(413);
    if (error == asio::error::timed_out) return error_answer(408);
    if (error == beast::http::error::bad_version) return error_answer(505);
    if (error.category() == beast::http::make_error_code(beast::http::error::bad_method).category())
        return error_answer(400);
    return std::nullopt;
}

Request request_of(const RequestParser& parser) {
    using Field = beast::http::field;
    const auto& message = parser.get();
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    // The absolute form (RFC 9112 3.2.2), as a proxy would send it. Its scheme is that of this
    // server, or of one before it.
    if (const std::size_t scheme_end = request.target.find("://");
        !request.target.starts_with('/') && scheme_end != std::string::npos) {
        const auto url = parse_url("http" + request.target.substr(scheme_end));
        if (url) request.target = url->target;
    }
    request.range = field(parser, Field::range);
    request.conditions = {field(parser, Field::if_match), field(parser, Field::if_none_match),
                          field(parser, Field::if_modified_since), field(parser, Field::if_unmodified_since),
                          field(parser, Field::if_range)};
    request.accept = field(parser, Field::accept).value_or("");
    if (const auto length = parser.content_length()) request.content_length = *length;
    request.has_length = parser.chunked() || request.content_length.has_value();
    request.has_body = parser.chunked() || request.content_length.value_or(0) > 0;
    request.is_partial = message.count(Field::content_range) > 0;
    request.is_coded = message.count(Field::content_encoding) > 0;
    request.host = field(parser, Field::host).value_or("");
    request.origin = field(parser, Field::origin);
    request.authorization = field(parser, Field::authorization);
    return request;
}

}  // namespace strata::application::http
