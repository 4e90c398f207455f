// Strata, for those who embed it: a TCP/IP host in your process. Give it a port (a TAP, a cable),
// an address and an executor.
#pragma once

#include "strata/1_physical/device/tap.hpp"
#include "strata/5_session/network.hpp"
#include "strata/5_session/runtime/real.hpp"
#include "strata/host/device_host.hpp"
#include "strata/host/host.hpp"
#include "strata/host/tap_host.hpp"
