// Device: what a DeviceHost stands on: something of the kernel's with a descriptor, and our floor 1
// and, for a serial line, floor 2 on it.
//
// Used by DeviceHost alone.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <system_error>

#include "strata/2_link/service.hpp"
#include "strata/5_session/runtime/real.hpp"
#include "strata/host/device_host.hpp"

namespace strata::host {

// Throws std::system_error with this sentence.
inline void throw_if(const std::error_code& error, const std::string& what) {
    if (error) throw std::system_error(error, what);
}

class Device {
public:
    // `context` outlives it. Throws std::system_error with one sentence that says what to do.
    [[nodiscard]] static std::unique_ptr<Device> open(Context context, const DeviceHostOptions& options);
    virtual ~Device() = default;

    [[nodiscard]] virtual const std::string& name() const noexcept = 0;
    [[nodiscard]] virtual bool link_up() const noexcept = 0;
    // Writes what passes into this file. Throws as open().
    virtual void capture(Context context, const std::string& pcap_file, Duration clock_offset) = 0;
    // Returns the interface's number. The device outlives the host.
    [[nodiscard]] virtual std::uint32_t add_to(Host& host, const InterfaceOptions& options) = 0;
    virtual void watch(session::RealRuntime& runtime) = 0;
    // Waits for something to read, for at most so long, and hands up one burst.
    virtual void read_within(std::chrono::milliseconds at_most) = 0;
    virtual void visit_counters(const link::CounterVisitor& visit) const = 0;
};

}  // namespace strata::host
