#include "strata/7_application/http/server/listing/listing_json.hpp"

#include <fmt/format.h>

#include <chrono>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {
namespace {

// RFC 3339 5.6, to the nanosecond.
std::string json_time(std::chrono::sys_time<std::chrono::nanoseconds> time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:09}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                       clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

}  // namespace

std::string json_head(std::string_view path) { return fmt::format("{{\"path\":{},\"entries\":[", json_string(path)); }

void append_json_entry(std::string& to, const FolderEntry& entry, bool first) {
    const bool folder = entry.facts.folder;
    // The name is text; the link has its bytes, whatever they are.
    fmt::format_to(std::back_inserter(to), R"({}{{"name":{},"href":"./{}{}","kind":"{}",)", first ? "\n" : ",\n",
                   json_string(entry.name), percent_encode(entry.name), folder ? "/" : "", folder ? "folder" : "file");
    if (!folder) fmt::format_to(std::back_inserter(to), R"("size":{},)", entry.facts.size);
    fmt::format_to(std::back_inserter(to), R"("modified":"{}"}})", json_time(entry.facts.modified));
}

std::string_view json_foot() noexcept { return "\n]}\n"; }

}  // namespace strata::application::http
