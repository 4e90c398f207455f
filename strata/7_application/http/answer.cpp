#include "strata/7_application/http/answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "strata/7_application/http/content_type.hpp"
#include "strata/7_application/http/date.hpp"
#include "strata/7_application/http/listing.hpp"
#include "strata/7_application/http/url.hpp"

namespace strata::application::http {
namespace {

constexpr std::string_view allowed = "GET, HEAD, OPTIONS";

Answer refusal(const std::error_code& error) {
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory) return error_answer(404);
    if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted) return error_answer(403);
    if (error == std::errc::invalid_argument || error == std::errc::filename_too_long)
        return error_answer(400, "That name cannot be.");
    if (error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system)
        return error_answer(503);
    return error_answer(500);
}

Answer redirect(const std::string& location) {
    Answer answer = error_answer(301);
    answer.fields.emplace_back("Location", location);
    return answer;
}

// A separator that does not depend on chance, and would have to be in the file on purpose to confuse anybody: the lengths are given.
constexpr std::string_view boundary = "strata-7d1f4c0a93e85b26";

void add_parts(Answer& answer, const std::vector<ByteRange>& ranges, std::uint64_t size, std::string_view type) {
    const auto content_range = [&](const ByteRange& range) {
        return fmt::format("bytes {}-{}/{}", range.first, range.first + range.count - 1, size);
    };
    answer.status = 206;
    if (ranges.size() == 1) {
        answer.fields.emplace_back("Content-Type", type);
        answer.fields.emplace_back("Content-Range", content_range(ranges.front()));
        answer.parts.push_back({"", ranges.front()});
        return;
    }
    answer.fields.emplace_back("Content-Type", fmt::format("multipart/byteranges; boundary={}", boundary));
    for (const ByteRange& range : ranges) {
        answer.parts.push_back({fmt::format("\r\n--{}\r\nContent-Type: {}\r\nContent-Range: {}\r\n\r\n", boundary, type,
                                            content_range(range)),
                                range});
    }
    answer.text = fmt::format("\r\n--{}--\r\n", boundary);
}

Answer file_answer(OpenFile file, const std::string& name, const Request& request) {
    const FileFacts facts = file.facts();
    const std::string tag = entity_tag(facts);
    const auto modified = std::chrono::floor<std::chrono::seconds>(facts.modified);
    Answer answer;
    const ConditionVerdict verdict = evaluate(request.conditions, tag, modified);
    if (verdict == ConditionVerdict::precondition_failed) return error_answer(412);
    answer.fields.emplace_back("ETag", tag);
    answer.fields.emplace_back("Last-Modified", format_date(modified));
    answer.fields.emplace_back("Accept-Ranges", "bytes");
    answer.fields.emplace_back("X-Content-Type-Options", "nosniff");
    if (verdict == ConditionVerdict::not_modified) {
        answer.status = 304;
        answer.head_only = true;
        return answer;
    }
    const std::string_view type = content_type(name);
    RangeAnswer ranges;
    if (request.range && request.method == "GET" && range_applies(request.conditions, tag, modified)) {
        ranges = parse_range(*request.range, facts.size);
    }
    if (ranges.kind == RangeAnswer::Kind::unsatisfiable) {
        Answer refused = error_answer(416);
        refused.fields.emplace_back("Content-Range", fmt::format("bytes */{}", facts.size));
        return refused;
    }
    if (ranges.kind == RangeAnswer::Kind::parts) {
        add_parts(answer, ranges.parts, facts.size, type);
    } else {
        answer.fields.emplace_back("Content-Type", type);
        answer.parts.push_back({"", {0, facts.size}});
    }
    answer.file = std::move(file);
    return answer;
}

Answer folder_answer(const FileRoot& root, const OpenFile& folder, const std::string& name, const Request& request) {
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    // Without the slash the links of the page would lead astray.
    std::string canonical = "/";
    if (!name.empty()) canonical.append(name).append("/");
    if (!path.ends_with('/')) return redirect(percent_encode(canonical));
    const auto listing = root.list(folder, name);
    if (!listing) return refusal(listing.error());
    Answer answer;
    answer.fields.emplace_back("Content-Type", "text/html; charset=utf-8");
    answer.fields.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    answer.fields.emplace_back("Cache-Control", "no-cache");
    answer.text = listing_page(canonical, *listing);
    return answer;
}

Answer found_answer(const FileRoot& root, const Request& request) {
    const auto name = name_of_target(request.target);
    if (!name) return error_answer(400, "That path is not well formed.");
    auto opened = root.open_file(*name);
    if (!opened) return refusal(opened.error());
    if (opened->facts().folder) return folder_answer(root, *opened, *name, request);
    if (std::string_view(request.target).substr(0, request.target.find('?')).ends_with('/')) return error_answer(404);
    return file_answer(std::move(*opened), *name, request);
}

}  // namespace

std::uint64_t Answer::body_size() const noexcept {
    std::uint64_t size = text.size();
    for (const BodyPart& part : parts) size += part.head.size() + part.range.count;
    return size;
}

std::string_view reason_of(unsigned status) noexcept {
    switch (status) {
        case 200: return "OK";
        case 204: return "No Content";
        case 206: return "Partial Content";
        case 301: return "Moved Permanently";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 416: return "Range Not Satisfiable";
        case 417: return "Expectation Failed";
        case 431: return "Request Header Fields Too Large";
        case 501: return "Not Implemented";
        case 503: return "Service Unavailable";
        case 505: return "HTTP Version Not Supported";
        default: return "Internal Server Error";
    }
}

Answer error_answer(unsigned status, std::string_view explanation) {
    Answer answer;
    answer.status = status;
    answer.fields.emplace_back("Content-Type", "text/plain; charset=utf-8");
    answer.text = fmt::format("{} {}\n", status, reason_of(status));
    if (!explanation.empty()) answer.text += fmt::format("{}\n", explanation);
    return answer;
}

Answer answer(const FileRoot& root, const Request& request) {
    // RFC 9112 3.2: none or several Host fields are an error.
    if (request.hosts > 1 || (request.http_1_1 && request.hosts == 0))
        return error_answer(400, "One Host field is needed.");
    if (request.method == "OPTIONS") {
        Answer options;
        options.status = 204;
        options.head_only = true;
        options.fields.emplace_back("Allow", allowed);
        return options;
    }
    if (request.method != "GET" && request.method != "HEAD") {
        Answer refused = error_answer(405, "This server only gives files out.");
        refused.fields.emplace_back("Allow", allowed);
        return refused;
    }
    Answer result = found_answer(root, request);
    if (request.method == "HEAD") result.head_only = true;
    return result;
}

}  // namespace strata::application::http
