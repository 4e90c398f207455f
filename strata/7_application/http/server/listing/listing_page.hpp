// A folder's listing as a clean page, piece by piece. Names are
// escaped; the page is UTF-8 and loads nothing.
#pragma once

#include <string>
#include <string_view>

#include "strata/7_application/files/folder_reader.hpp"
#include "strata/7_application/files/readable_size.hpp"

namespace strata::application::http {

// `path` is the decoded path of the folder, "/" for the root.
[[nodiscard]] std::string listing_head(std::string_view path);
void append_listing_row(std::string& to, const FolderEntry& entry);
[[nodiscard]] std::string_view listing_foot() noexcept;

// '&', '<', '>', '"', and bytes that are not UTF-8 shown as U+FFFD.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace strata::application::http
