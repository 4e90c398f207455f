// What must hold of a connection after each of its verbs, whatever the peer and the user did.
//
// Checked where TcpOptions::check_invariants says so: in debug builds, in fuzzers and in simulations.
#pragma once

#include "strata/4_transport/tcp/connection/control_block.hpp"

namespace strata::transport::tcp {

// Null if all hold; else the one that does not, in words.
[[nodiscard]] const char* broken_invariant(const ControlBlock& block) noexcept;

// Ends the program, with the words on standard error: the state is not to be trusted.
[[noreturn]] void invariant_failed(const char* what) noexcept;

}  // namespace strata::transport::tcp
