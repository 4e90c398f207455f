// Conditional requests (RFC 9110 13): entity tags and dates.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "strata/7_application/files/file_root.hpp"

namespace strata::application::http {

// A strong validator: another size or nanosecond is another version. The same on every server that
// has a copy with its date.
[[nodiscard]] std::string entity_tag(const FileFacts& facts);

struct Conditions {
    std::optional<std::string> if_match, if_none_match, if_modified_since, if_unmodified_since, if_range;
};

enum class ConditionVerdict { proceed, not_modified, precondition_failed };

// In the order of 13.2.2.
[[nodiscard]] ConditionVerdict evaluate(const Conditions& conditions, std::string_view tag,
                                        std::chrono::sys_seconds modified, std::chrono::sys_seconds now);
// If-Range: true if the ranges may be sent (13.1.5). A weak tag or a date that is not exactly the
// file's asks for the whole; so does a date of the second that it is `now`: the file may change
// once more within it (8.8.2.2).
[[nodiscard]] bool range_applies(const Conditions& conditions, std::string_view tag, std::chrono::sys_seconds modified,
                                 std::chrono::sys_seconds now);

}  // namespace strata::application::http
