#include "strata/7_application/http/server/answer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "strata/7_application/files/content_type.hpp"
#include "strata/7_application/http/message/accept.hpp"
#include "strata/7_application/http/message/date.hpp"
#include "strata/7_application/http/message/url.hpp"
#include "strata/7_application/http/server/writing/changes.hpp"

namespace strata::application::http {
namespace {

std::string_view allowed(FileRights rights) noexcept {
    switch (rights) {
        case FileRights::read: return "GET, HEAD, OPTIONS";
        case FileRights::add: return "GET, HEAD, OPTIONS, PUT, MKCOL";
        case FileRights::all: return "GET, HEAD, OPTIONS, PUT, MKCOL, DELETE";
    }
    return "";
}

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

// A separator that does not depend on chance, and would have to be in the file on purpose to
// confuse anybody: the lengths are given.
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

// A text's type says how it is written.
std::string labelled_type(std::string_view type, const OpenFile& file, const std::string& charset) {
    if (!type.starts_with("text/")) return std::string(type);
    if (file.is_utf8()) return fmt::format("{}; charset=utf-8", type);
    return charset.empty() ? std::string(type) : fmt::format("{}; charset={}", type, charset);
}

Answer file_answer(std::shared_ptr<const OpenFile> file, const std::string& name, const Moment& now,
                   const Request& request, const AnswerOptions& options) {
    const FileFacts facts = file->facts();
    const std::string tag = entity_tag(facts);
    // Nothing is of the future (RFC 9110 8.8.2.1).
    const auto second = std::chrono::floor<std::chrono::seconds>(now.calendar);
    const auto modified = std::min(std::chrono::floor<std::chrono::seconds>(facts.modified), second);
    Answer answer;
    const ConditionVerdict verdict = evaluate(request.conditions, tag, modified, second);
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
    const std::string type = labelled_type(content_type(name), *file, options.charset);
    RangeAnswer ranges;
    if (request.range && request.method == "GET" && range_applies(request.conditions, tag, modified, second)) {
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

// Rather than a page.
bool wants_json(const Request& request) {
    return weight_of(request.accept, "application/json") > weight_of(request.accept, "text/html");
}

Answer folder_answer(std::shared_ptr<const OpenFile> folder, const std::string& name, const Request& request) {
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    // Without the slash the links of the page would lead astray.
    std::string canonical = "/";
    if (!name.empty()) canonical.append(name).append("/");
    const std::string_view query = std::string_view(request.target).substr(path.size());
    if (!path.ends_with('/')) return redirect(percent_encode(canonical).append(query));
    Answer answer;
    const bool json = wants_json(request);
    answer.fields.emplace_back("Content-Type", json ? "application/json" : "text/html; charset=utf-8");
    if (!json) answer.fields.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    answer.fields.emplace_back("Cache-Control", "no-cache");
    answer.fields.emplace_back("Vary", "Accept");
    answer.listing = {std::move(folder), name, canonical, json};
    return answer;
}

Answer found_answer(OpenFiles& files, const Moment& now, const Request& request, const AnswerOptions& options) {
    const auto name = name_of_target(request.target);
    if (!name) return error_answer(400, "That path is not well formed.");
    auto opened = files.open(*name, now.clock);
    if (!opened) return refusal(opened.error());
    const bool slash = std::string_view(request.target).substr(0, request.target.find('?')).ends_with('/');
    if (!(*opened)->facts().folder) {
        if (slash) return error_answer(404);
        return file_answer(std::move(*opened), *name, now, request, options);
    }
    if (options.index && slash && !wants_json(request)) {
        const std::string index = name->empty() ? "index.html" : *name + "/index.html";
        auto page = files.open(index, now.clock);
        if (page && !(*page)->facts().folder) {
            Answer home = file_answer(std::move(*page), index, now, request, options);
            home.fields.emplace_back("Vary", "Accept");
            return home;
        }
    }
    return folder_answer(std::move(*opened), *name, request);
}

}  // namespace

std::uint64_t Answer::body_size() const noexcept {
    std::uint64_t size = text.size();
    for (const BodyPart& part : parts) size += part.head.size() + part.range.count;
    return size;
}

Answer error_answer(unsigned status, std::string_view explanation) {
    Answer answer;
    answer.status = status;
    answer.fields.emplace_back("Content-Type", "text/plain; charset=utf-8");
    answer.text = fmt::format("{} {}\n", status, reason_of(status));
    if (!explanation.empty()) answer.text += fmt::format("{}\n", explanation);
    return answer;
}

bool is_allowed(std::string_view method, FileRights rights) noexcept {
    if (method == "GET" || method == "HEAD" || method == "OPTIONS") return true;
    return rights != FileRights::read && is_change(method);
}

Answer method_refusal(FileRights rights, std::string_view explanation) {
    const bool only_reads = rights == FileRights::read && explanation.empty();
    Answer refused = error_answer(405, only_reads ? "This server only gives files out." : explanation);
    refused.fields.emplace_back("Allow", allowed(rights));
    return refused;
}

Answer answer(OpenFiles& files, const Moment& now, const Request& request, const AnswerOptions& options) {
    const FileRights rights = files.root().rights();
    if (request.method == "OPTIONS") {
        Answer allowance;
        allowance.status = 204;
        allowance.head_only = true;
        allowance.fields.emplace_back("Allow", allowed(rights));
        return allowance;
    }
    if (!is_allowed(request.method, rights)) return method_refusal(rights);
    if (is_change(request.method)) return change(files.root(), now, request);
    Answer result = found_answer(files, now, request, options);
    if (request.method == "HEAD") result.head_only = true;
    return result;
}

}  // namespace strata::application::http
