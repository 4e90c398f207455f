// What a request that changes the folder is answered with: DELETE (RFC 9110 9.3.5) and MKCOL (RFC
// 4918 9.3), and what PUT has in common with them.
#pragma once

#include "strata/7_application/http/server/answer.hpp"

namespace strata::application::http {

[[nodiscard]] bool is_change(std::string_view method) noexcept;

// Does a DELETE or a MKCOL, if it may be done; a PUT is a Put (put.hpp).
[[nodiscard]] Answer change(const FileRoot& root, const Moment& now, const Request& request);

// The name that a change is about: of a file, or, where a slash may follow, of a folder. Else what
// is answered: 400, 403 (it is hidden, or the folder itself).
[[nodiscard]] std::expected<std::string, Answer> changed_name(const FileRoot& root, const Request& request);
// Whether what the client knows of it still holds (RFC 9110 13.2.2); `facts`: nothing is there.
[[nodiscard]] bool conditions_hold(const Conditions& conditions, const std::optional<FileFacts>& facts,
                                   const Moment& now);
// What is there; nothing if nothing is, or it is not to be seen.
[[nodiscard]] std::optional<FileFacts> facts_at(const FileRoot& root, const std::string& name);
// Why something could not be written.
[[nodiscard]] Answer change_refusal(const std::error_code& error);

}  // namespace strata::application::http
