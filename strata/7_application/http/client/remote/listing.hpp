// A folder's listing in JSON, as servers like ours write it (docs/protocols/http.md), read: by a
// client, so whatever is wrong with it may be meant.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "strata/7_application/remote/remote.hpp"

namespace strata::application::http {

// Its entries, in their order: names that are is_entry_name(), and nothing else. Where `href` is
// there the name is the one that is in it, for it may be no text. Unknown members are ignored, as
// are sizes and dates that are none. Errors: in words, "it is no JSON", "a name in it, 'a/b', leads
// elsewhere". Values are nested 16 deep at most.
[[nodiscard]] std::expected<std::vector<RemoteEntry>, std::string> parse_listing(std::string_view text,
                                                                                 std::size_t entries_max);

}  // namespace strata::application::http
