// TapHost: a host of ours on a TAP device, driven by an Asio event loop: a TCP/IP stack beside the
// kernel's, on a real wire.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "strata/1_physical/capture.hpp"
#include "strata/1_physical/tap.hpp"
#include "strata/5_session/runtime/real.hpp"
#include "strata/host/host.hpp"

namespace strata::host {

struct TapHostOptions {
    std::string interface;                               // the kernel's name for the device, made if it is not there
    IpInterfaceAddress address;                          // ours; any(): see TapHost::set_address
    std::optional<Ipv4InterfaceAddress> kernel_address;  // given to the kernel's side, which is then brought up
    std::optional<IpAddress> gateway;
    MacAddress mac;         // zero: a random one
    std::size_t mtu = 0;    // 0: as the device has it
    bool offload = true;    // super-segments and checksums through the vnet header
    link::ArpOptions arp;   // whether the address is probed, among others
    std::string pcap_file;  // not empty: everything on the wire is written there
    HostOptions host;
};

class TapHost {
public:
    // Throws std::system_error with one sentence that says what to do: no permission, a name that
    // is taken, a bad address.
    TapHost(boost::asio::io_context& io, TapHostOptions options);
    ~TapHost();

    // The address, and the gateway of the options, of one that was made without. Throws
    // std::system_error as the constructor does.
    void set_address(const IpInterfaceAddress& address);

    // Receives, sends and fires timers by itself until `done`, for at most so long: for a last word
    // when the event loop has ended, whose handlers are not called.
    void drive(Duration at_most, const std::function<bool()>& done);

    [[nodiscard]] session::StackNetwork& network() noexcept { return host_->network(); }
    [[nodiscard]] Host& host() noexcept { return *host_; }
    [[nodiscard]] const Host& host() const noexcept { return *host_; }
    [[nodiscard]] physical::Tap& tap() noexcept { return *tap_; }
    [[nodiscard]] const physical::Tap& tap() const noexcept { return *tap_; }
    [[nodiscard]] session::RealRuntime& runtime() noexcept { return runtime_; }

private:
    void open_tap();
    [[nodiscard]] physical::Port& port();

    TapHostOptions options_;
    KernelEntropy entropy_;
    PacketPool pool_;  // what is read is stored in
    session::RealRuntime runtime_;
    std::unique_ptr<physical::Tap> tap_;
    std::unique_ptr<physical::Capture> capture_;
    std::unique_ptr<Host> host_;
    std::uint32_t interface_ = 0;
};

}  // namespace strata::host
