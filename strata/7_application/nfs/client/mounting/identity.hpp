// Who this process is, as AUTH_SYS says it (RFC 5531 appendix A).
#pragma once

#include "strata/5_session/rpc/message/authentication.hpp"

namespace strata::application::nfs::client {

// Effective user and group, the first 16 of the others, and the machine's name.
[[nodiscard]] session::rpc::AuthSys identity_of_this_process();

}  // namespace strata::application::nfs::client
