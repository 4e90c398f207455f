// A folder's listing as a clean page.
#pragma once

#include <string>
#include <string_view>

#include "strata/7_application/file_root.hpp"

namespace strata::application::http {

// `path` is the decoded path of the folder, "/" for the root. Names are escaped; the page is UTF-8 and loads nothing.
[[nodiscard]] std::string listing_page(std::string_view path, const FileRoot::Listing& listing);
// '&', '<', '>', '"', and bytes that are not UTF-8 shown as U+FFFD.
[[nodiscard]] std::string escape_html(std::string_view text);
// "512 B", "3.4 MiB".
[[nodiscard]] std::string readable_size(std::uint64_t bytes);

}  // namespace strata::application::http
