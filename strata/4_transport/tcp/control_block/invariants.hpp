// What must hold of a connection after each of its verbs, whatever the peer and the user did.
//
// Checked where TcpOptions::check_invariants says so: in debug
// builds, in fuzzers and in simulations.
#pragma once

#include "strata/0_foundation/invariant.hpp"
#include "strata/4_transport/tcp/control_block/control_block.hpp"

namespace strata::transport::tcp {

// Null if all hold; else the one that does not, in words.
[[nodiscard]] const char* broken_invariant(const ControlBlock& block) noexcept;

}  // namespace strata::transport::tcp
