// What went wrong with a server of NFS version 4, in words (RFC 7530 13).
#pragma once

#include <optional>

#include "strata/7_application/nfs/client/session/failure.hpp"
#include "strata/7_application/nfs/v4/message/basic.hpp"

namespace strata::application::nfs::client {

[[nodiscard]] Failure failure_of(v4::Status4 status);
// Throws failure_of(status), unless it is ok.
void check(v4::Status4 status);
// What version 3 has a word for, too. Throws what everybody fails with: that the server is busy,
// knows a handle no more, or says what version 3 has no word for.
[[nodiscard]] Status plain_status_of(v4::Status4 status);
// It will pass: DELAY, GRACE.
[[nodiscard]] bool will_pass(v4::Status4 status) noexcept;
// The server knows the client, or what it has open, no more (RFC 7530 9.6.3, 9.1.4).
[[nodiscard]] bool is_forgotten(v4::Status4 status) noexcept;
// The names of version 3's errors, as version 4 has them.
[[nodiscard]] std::string in_words_of_version4(std::string text);

}  // namespace strata::application::nfs::client
