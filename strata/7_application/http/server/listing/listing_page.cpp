#include "strata/7_application/http/server/listing/listing_page.hpp"

#include <fmt/format.h>

#include <chrono>

#include "strata/0_foundation/utf8.hpp"
#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {
namespace {

constexpr std::string_view style =
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 "
    "1rem;color:#222;background:#fff}"
    "h1{font-size:1.3rem;font-weight:600;overflow-wrap:anywhere}table{border-collapse:collapse;width:100%}"
    "td,th{padding:.35rem .6rem;text-align:left;border-bottom:1px solid #e4e4e4}th{font-weight:600;color:#666}"
    ".n{overflow-wrap:anywhere}.s,.d{text-align:right;white-space:nowrap;color:#555;font-variant-numeric:tabular-nums}"
    "a{color:#0b57a4;text-decoration:none}a:hover{text-decoration:underline}footer{margin-top:1.5rem;color:#777;font-"
    "size:.85rem}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}td,th{border-color:#333}a{color:#7db7ef}.s,."
    "d,th{color:#999}}";

}  // namespace

std::string escape_html(std::string_view text) {
    std::string escaped;
    while (!text.empty()) {
        const Utf8Character first = first_utf8_character(text);
        const char letter = text.front();
        if (!first.valid || first.point < ' ' || first.point == 0x7f) {
            escaped += "\xef\xbf\xbd";
        } else if (letter == '&') {
            escaped += "&amp;";
        } else if (letter == '<') {
            escaped += "&lt;";
        } else if (letter == '>') {
            escaped += "&gt;";
        } else if (letter == '"') {
            escaped += "&quot;";
        } else {
            escaped += text.substr(0, first.size);
        }
        text.remove_prefix(first.size);
    }
    return escaped;
}

std::string listing_head(std::string_view path) {
    const std::string title = escape_html(path);
    std::string page = fmt::format(
        "<!doctype html>\n<html lang=en><head><meta charset=utf-8><meta name=viewport content=\"width=device-width\">"
        "<title>{}</title><style>{}</style></head>\n<body><h1>{}</h1>\n<table><tr><th>Name<th class=s>Size<th "
        "class=d>Modified (UTC)</tr>\n",
        title, style, title);
    if (path != "/") page += "<tr><td class=n><a href=\"../\">../</a></td><td class=s></td><td class=d></td></tr>\n";
    return page;
}

void append_listing_row(std::string& to, const FolderEntry& entry) {
    const std::string slash = entry.facts.folder ? "/" : "";
    // "./" keeps a name with a colon from being read as a scheme.
    const std::string link = "./" + percent_encode(entry.name) + slash;
    const auto modified = std::chrono::floor<std::chrono::minutes>(entry.facts.modified);
    const auto day = std::chrono::floor<std::chrono::days>(modified);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{modified - day};
    fmt::format_to(std::back_inserter(to),
                   "<tr><td class=n><a href=\"{}\">{}{}</a></td><td class=s>{}</td><td class=d>{:04}-{:02}-{:02} "
                   "{:02}:{:02}</td></tr>\n",
                   escape_html(link), escape_html(entry.name), slash,
                   entry.facts.folder ? "" : readable_size(entry.facts.size), static_cast<int>(date.year()),
                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), time.hours().count(),
                   time.minutes().count());
}

std::string_view listing_foot() noexcept { return "</table>\n<footer>Served by Strata</footer></body></html>\n"; }

}  // namespace strata::application::http
