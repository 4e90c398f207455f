// Errors in the form that Asio's users expect. The stack's own are translated to what a kernel
// socket would give, so that an application cannot tell the two networks apart; stack/ and echo/
// call that, and kernel/ calls last_error() for what a system call left in errno.
#pragma once

#include <boost/system/error_code.hpp>

#include "strata/0_foundation/error.hpp"

namespace strata::session {

[[nodiscard]] boost::system::error_code to_asio(const std::error_code& error) noexcept;
[[nodiscard]] inline boost::system::error_code to_asio(Error error) noexcept { return to_asio(make_error_code(error)); }

// The current errno.
[[nodiscard]] boost::system::error_code last_error() noexcept;

}  // namespace strata::session
