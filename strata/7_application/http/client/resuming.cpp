#include "strata/7_application/http/client/resuming.hpp"

#include <algorithm>
#include <charconv>

#include "strata/7_application/http/message/date.hpp"

namespace strata::application::http {

namespace beast = boost::beast;

std::optional<std::uint64_t> parse_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
    return number;
}

std::optional<ContentRange> parse_content_range(std::string_view text) {
    if (!text.starts_with("bytes ")) return std::nullopt;
    text.remove_prefix(6);
    ContentRange range;
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const std::string_view total = text.substr(slash + 1);
    if (total != "*") range.total = parse_number(total);
    if (text.starts_with("*/")) return range;
    const std::size_t dash = std::min(text.find('-'), slash);
    const auto first = parse_number(text.substr(0, dash));
    const auto last = parse_number(text.substr(dash, slash - dash).substr(dash < slash ? 1 : 0));
    if (!first || !last || *last < *first) return std::nullopt;
    range.first = *first;
    range.last = *last;
    return range;
}

FileVersion version_of(const Exchange& exchange) {
    using Field = beast::http::field;
    FileVersion version{exchange.field(Field::etag), exchange.field(Field::last_modified), {}};
    if (!version.etag.starts_with('"')) version.etag.clear();  // a weak tag does not speak of bytes
    return version;
}

FileVersion lasting_version_of(const Exchange& exchange) {
    FileVersion version = version_of(exchange);
    const auto modified = parse_date(version.last_modified, exchange.now);
    const auto said = parse_date(exchange.field(beast::http::field::date), exchange.now);
    if (!modified || !said || *said - *modified < std::chrono::seconds(1)) version.last_modified.clear();
    return version;
}

bool continues(const OutputFile& out, const Exchange& exchange, const std::optional<ContentRange>& range) {
    if (!range || range->first != out.size()) return false;
    const FileVersion &ours = out.version(), theirs = version_of(exchange);
    if (!ours.etag.empty() && !theirs.etag.empty() && ours.etag != theirs.etag) return false;
    if (!ours.last_modified.empty() && !theirs.last_modified.empty() && ours.last_modified != theirs.last_modified)
        return false;
    const bool same_tag = !ours.etag.empty() && ours.etag == theirs.etag;
    const bool same_date = !ours.last_modified.empty() && ours.last_modified == theirs.last_modified;
    if (!same_tag && !same_date) return false;
    if (range->total && ours.total && range->total != ours.total) return false;
    const auto total = range->total ? range->total : ours.total;
    if (!total || range->last >= *total) return false;
    const auto length = exchange.parser->content_length();
    return !length || *length == range->last - range->first + 1;
}

}  // namespace strata::application::http
