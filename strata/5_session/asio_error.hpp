// The stack's errors as a kernel socket would give them, so that an application cannot tell.
#pragma once

#include <boost/system/error_code.hpp>

#include "strata/0_foundation/error.hpp"

namespace strata::session {

[[nodiscard]] boost::system::error_code to_asio(const std::error_code& error) noexcept;
[[nodiscard]] inline boost::system::error_code to_asio(Error error) noexcept { return to_asio(make_error_code(error)); }

}  // namespace strata::session
