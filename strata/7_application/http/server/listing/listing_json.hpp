// A folder's listing for programs, in JSON (RFC 8259), piece by piece. docs/protocols/http.md has
// its form, which only ever gets members more.
#pragma once

#include <string>
#include <string_view>

#include "strata/7_application/files/folder_reader.hpp"

namespace strata::application::http {

// `path` is the decoded path of the folder, "/" for the root.
[[nodiscard]] std::string json_head(std::string_view path);
// An entry of its own line; all but the first are separated from the one before.
void append_json_entry(std::string& to, const FolderEntry& entry, bool first);
[[nodiscard]] std::string_view json_foot() noexcept;

}  // namespace strata::application::http
