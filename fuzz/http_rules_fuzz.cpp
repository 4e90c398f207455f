// What HTTP's requests bring beside the message itself: targets, ranges, conditions, dates, and the
// URLs and redirects a client meets.
// links: application
#include <cstdlib>

#include "strata/7_application/http/message/conditions.hpp"
#include "strata/7_application/http/message/date.hpp"
#include "strata/7_application/http/message/range.hpp"
#include "strata/7_application/http/message/url.hpp"
#include "strata/7_application/http/server/listing/listing_page.hpp"
#include "strata/7_application/plain/name.hpp"

using namespace strata::application;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const std::uint64_t file_size = data[0] * 1000u;
    const http::RangeAnswer ranges = http::parse_range(text, file_size);
    if (ranges.parts.size() > http::ranges_max) std::abort();
    for (const http::ByteRange& part : ranges.parts) {
        if (part.count == 0 || part.first >= file_size || part.count > file_size - part.first) std::abort();
    }
    if (const auto url = http::parse_url(text)) {
        if (url->host.empty() || url->port == 0 || !url->target.starts_with('/')) std::abort();
        if (url->target.contains(' ') || url->target.contains('\n')) std::abort();
        (void)http::parse_url(url->to_string()).value();
    }
    const http::Url base = http::parse_url("http://10.0.0.1/a/b?c").value();
    if (const auto next = http::resolve_url(base, text)) {
        if (next->target.contains('\n') || next->target.contains(' ')) std::abort();
    }
    if (const auto name = http::name_of_target(text)) {
        if (name->starts_with('/')) std::abort();
    }
    if (http::percent_decode(http::percent_encode(text)).value() != text) std::abort();
    if (http::escape_html(text).find_first_of("<>\"") != std::string::npos) std::abort();
    if (const auto date = http::parse_date(text, {})) {
        if (http::parse_date(http::format_date(*date), {}) != date) std::abort();
    }
    http::Conditions conditions{std::string(text), std::string(text), std::string(text), std::string(text),
                                std::string(text)};
    (void)http::evaluate(conditions, "\"1-2-3\"", {}, {});
    (void)http::range_applies(conditions, "\"1-2-3\"", {}, {});
    plain::NameReader reader;
    for (std::size_t at = 0; at < text.size() && !reader.add(text.substr(at, data[0] + 1u)); at += data[0] + 1u) {
    }
    if (reader.name().size() > plain::name_max || reader.name().contains('\n')) std::abort();
    return 0;
}
