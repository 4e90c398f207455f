// compiled alone: Boost.JSON's code is here, once

#include "strata/7_application/http/client/remote/listing.hpp"

#include <boost/json/src.hpp>
#include <charconv>
#include <limits>
#include <optional>

#include "strata/0_foundation/printable.hpp"
#include "strata/7_application/http/message/url.hpp"

namespace strata::application::http {

namespace json = boost::json;

namespace {

constexpr std::size_t depth_max = 16;

std::string_view text_of(const json::object& object, std::string_view member) {
    const json::value* const found = object.if_contains(member);
    if (found == nullptr || !found->is_string()) return {};
    return {found->get_string().data(), found->get_string().size()};
}

std::optional<std::uint64_t> number_of(const json::object& object, std::string_view member) {
    const json::value* const found = object.if_contains(member);
    if (found == nullptr) return std::nullopt;
    if (found->is_uint64()) return found->get_uint64();
    if (!found->is_int64() || found->get_int64() < 0) return std::nullopt;
    return static_cast<std::uint64_t>(found->get_int64());
}

// Digits alone, all of the text.
bool read(std::string_view text, int& number) {
    if (text.empty() || text.front() == '-') return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

// "2026-11-30T01:24:36.123456789Z" (RFC 3339 5.6), in UTC and to the second.
std::optional<std::chrono::sys_seconds> time_of(std::string_view text) {
    using namespace std::chrono;
    if (text.size() < 20 || !text.ends_with('Z') || text[4] != '-' || text[7] != '-' || text[10] != 'T' ||
        text[13] != ':' || text[16] != ':')
        return std::nullopt;
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    if (!read(text.substr(0, 4), y) || !read(text.substr(5, 2), mo) || !read(text.substr(8, 2), d) ||
        !read(text.substr(11, 2), h) || !read(text.substr(14, 2), mi) || !read(text.substr(17, 2), s))
        return std::nullopt;
    const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
    if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
    return sys_days{date} + hours{h} + minutes{mi} + seconds{s};
}

// Of "./name" or "./name/"; nothing if it leads elsewhere.
std::optional<std::string> name_of_href(std::string_view href) {
    if (href.starts_with("./")) href.remove_prefix(2);
    if (href.ends_with('/')) href.remove_suffix(1);
    auto name = percent_decode(href);
    if (!name || !is_entry_name(*name)) return std::nullopt;
    return name;
}

RemoteEntry::Kind kind_of(std::string_view text) {
    if (text == "file") return RemoteEntry::Kind::file;
    return text == "folder" ? RemoteEntry::Kind::folder : RemoteEntry::Kind::other;
}

std::expected<RemoteEntry, std::string> entry_of(const json::value& value) {
    if (!value.is_object()) return std::unexpected("it is not the list of a folder");
    const json::object& object = value.get_object();
    const std::string_view said = text_of(object, "name"), href = text_of(object, "href");
    const auto name = href.empty() ? std::optional<std::string>(said) : name_of_href(href);
    if (!name || !is_entry_name(*name))
        return std::unexpected("a name in it, '" + printable(href.empty() ? said : href) +
                               "', is none of a file in that folder");
    RemoteEntry entry{.name = *name};
    entry.kind = kind_of(text_of(object, "kind"));
    if (entry.kind == RemoteEntry::Kind::file) entry.size = number_of(object, "size");
    entry.date = time_of(text_of(object, "modified"));
    return entry;
}

}  // namespace

std::expected<std::vector<RemoteEntry>, std::string> parse_listing(std::string_view text, std::size_t entries_max) {
    json::parse_options how;
    how.max_depth = depth_max;
    json::error_code error;
    const json::value root = json::parse({text.data(), text.size()}, error, {}, how);
    if (error) return std::unexpected("it is no JSON (" + error.message() + ")");
    const json::value* const entries = root.is_object() ? root.get_object().if_contains("entries") : nullptr;
    if (entries == nullptr || !entries->is_array()) return std::unexpected("it is not the list of a folder");
    const json::array& all = entries->get_array();
    if (all.size() > entries_max)
        return std::unexpected("it has more than " + std::to_string(entries_max) + " entries");
    std::vector<RemoteEntry> list;
    list.reserve(all.size());
    for (const json::value& value : all) {
        auto entry = entry_of(value);
        if (!entry) return std::unexpected(std::move(entry.error()));
        list.push_back(std::move(*entry));
    }
    return list;
}

}  // namespace strata::application::http
