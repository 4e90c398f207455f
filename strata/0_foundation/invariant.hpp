// What must hold and does not: a fault of ours, never of a peer. The
// program ends, for its state is not to be trusted.
#pragma once

namespace strata {

// Writes `what` to standard error and aborts.
[[noreturn]] void invariant_failed(const char* what) noexcept;

}  // namespace strata
