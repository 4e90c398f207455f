#include "strata/7_application/http/message/conditions.hpp"

#include <fmt/format.h>

#include "strata/7_application/http/message/date.hpp"

namespace strata::application::http {
namespace {

// True if the list ("a", W/"b", or *) holds the tag; weak comparison
// ignores the W/ (RFC 9110 8.8.3.2).
bool lists(std::string_view list, std::string_view tag, bool weakly) {
    while (!list.empty()) {
        const std::size_t start = list.find_first_not_of(" \t,");
        if (start == std::string_view::npos) return false;
        list.remove_prefix(start);
        if (list.front() == '*') return true;
        const bool weak = list.starts_with("W/");
        if (weak) list.remove_prefix(2);
        if (!list.starts_with('"')) return false;
        const std::size_t end = list.find('"', 1);
        if (end == std::string_view::npos) return false;
        if (list.substr(0, end + 1) == tag && (weakly || !weak)) return true;
        list.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace

std::string entity_tag(const FileFacts& facts) {
    return fmt::format("\"{:x}-{:x}\"", facts.size, facts.modified.time_since_epoch().count());
}

ConditionVerdict evaluate(const Conditions& conditions, std::string_view tag, std::chrono::sys_seconds modified,
                          std::chrono::sys_seconds now) {
    if (conditions.if_match) {
        if (!lists(*conditions.if_match, tag, false)) return ConditionVerdict::precondition_failed;
    } else if (conditions.if_unmodified_since) {
        const auto date = parse_date(*conditions.if_unmodified_since, now);
        if (date && modified > *date) return ConditionVerdict::precondition_failed;
    }
    if (conditions.if_none_match) {
        if (lists(*conditions.if_none_match, tag, true)) return ConditionVerdict::not_modified;
    } else if (conditions.if_modified_since) {
        const auto date = parse_date(*conditions.if_modified_since, now);
        if (date && modified <= *date) return ConditionVerdict::not_modified;
    }
    return ConditionVerdict::proceed;
}

bool range_applies(const Conditions& conditions, std::string_view tag, std::chrono::sys_seconds modified,
                   std::chrono::sys_seconds now) {
    if (!conditions.if_range) return true;
    if (conditions.if_range->starts_with('"')) return *conditions.if_range == tag;
    const auto date = parse_date(*conditions.if_range, now);
    return date && *date == modified && modified < now;
}

}  // namespace strata::application::http
