// TapHost: what DeviceHost was called while it knew no other device.
#pragma once

#include "strata/host/device_host.hpp"

namespace strata::host {

using TapHostOptions [[deprecated("until 0.3: DeviceHostOptions")]] = DeviceHostOptions;
using TapHost [[deprecated("until 0.3: DeviceHost")]] = DeviceHost;

}  // namespace strata::host
