// Who may ask: what a request's fields say of who its sender is, before any password is looked at.
//
// Basic authentication (RFC 7617), over TLS alone unless that is waived. A browser adds a user's
// password to what any page asks of us: what changes something has to come from a page of ours, or
// from no page.
#pragma once

#include <memory>
#include <optional>
#include <variant>

#include "strata/7_application/http/message/credentials.hpp"
#include "strata/7_application/http/server/answer.hpp"
#include "strata/7_application/users/users.hpp"

namespace strata::application::http {

struct AccessOptions {
    std::shared_ptr<Users> users{};  // unset: whoever comes is a stranger, and passwords are passed over
    bool anonymous = true;           // strangers are served, as the root's rights say
    // Passwords come over what can be read on the way. Of no account over TLS.
    bool insecure_login = false;
};

// A stranger, who is served; who says that he is somebody; or why nothing is served.
struct Stranger {};
using Visitor = std::variant<Stranger, Credentials, Answer>;

// `secure`: over TLS. `rights` are a stranger's.
[[nodiscard]] Visitor visitor_of(const Request& request, const AccessOptions& options, bool secure, FileRights rights);
// 401 and 503: what somebody is told whose password was looked at, or not.
[[nodiscard]] Answer login_refusal(LoginFault fault);

}  // namespace strata::application::http
