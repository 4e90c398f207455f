// DeviceHost: a host of ours on a device of the kernel's, driven by an Asio event loop: a TCP/IP
// stack beside the kernel's, on a real wire.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "strata/5_session/runtime/real.hpp"
#include "strata/host/host.hpp"

namespace strata::host {

// tap: a TAP device of /dev/net/tun, whose other end is the kernel's IP or a bridge. tun: the same
// without Ethernet. nic: a network interface of the kernel's, beside whose own traffic ours passes
// (packet(7)). slip: IP packets on a serial line (RFC 1055).
enum class DeviceKind : std::uint8_t { tap, tun, nic, slip };

struct DeviceHostOptions {
    DeviceKind kind = DeviceKind::tap;
    std::string interface;  // the kernel's name for the device: a TAP or TUN is made if it is not there; a tty's path
    IpInterfaceAddress address;                          // ours; any(): see DeviceHost::set_address
    std::optional<Ipv4InterfaceAddress> kernel_address;  // of a TAP or TUN: the kernel's side, which is then brought up
    std::optional<IpAddress> gateway;
    MacAddress mac;                            // zero: a random one
    std::size_t mtu = 0;                       // 0: as the device has it; a serial line: see link::SlipOptions
    bool offload = true;                       // super-segments and checksums through the virtio-net header
    unsigned bits_per_second = 0;              // of a serial line; 0: as it is
    std::optional<link::VlanMembership> vlan;  // of a TAP or NIC; none: frames without a tag
    link::ArpOptions arp;                      // whether the address is probed, among others
    std::string pcap_file;                     // not empty: everything on the wire is written there
    HostOptions host;
};

class Device;

class DeviceHost {
public:
    // Throws std::system_error with one sentence that says what to do: no permission, a name that
    // is taken, a bad address.
    DeviceHost(boost::asio::io_context& io, DeviceHostOptions options);
    ~DeviceHost();

    // The address, and the gateway of the options, of one that was made without. Throws
    // std::system_error as the constructor does.
    void set_address(const IpInterfaceAddress& address);

    // Receives, sends and fires timers by itself until `done`, for at most so long: for a last word
    // when the event loop has ended, whose handlers are not called.
    void drive(Duration at_most, const std::function<bool()>& done);

    [[nodiscard]] session::StackNetwork& network() noexcept { return host_->network(); }
    [[nodiscard]] Host& host() noexcept { return *host_; }
    [[nodiscard]] const Host& host() const noexcept { return *host_; }
    [[nodiscard]] session::RealRuntime& runtime() noexcept { return runtime_; }
    // The device's, as the kernel has it.
    [[nodiscard]] const std::string& device_name() const noexcept;
    [[nodiscard]] bool link_up() const noexcept;
    // What floor 1 counts: the device's driver.
    void visit_device_counters(const link::CounterVisitor& visit) const;

private:
    DeviceHostOptions options_;
    KernelEntropy entropy_;
    PacketPool pool_;  // what is read is stored in
    session::RealRuntime runtime_;
    std::unique_ptr<Device> device_;
    std::unique_ptr<Host> host_;
    std::uint32_t interface_ = 0;
};

}  // namespace strata::host
