#include "strata/host/device.hpp"

#include <poll.h>

#include "strata/1_physical/capture/capture.hpp"
#include "strata/1_physical/device/packet_socket.hpp"
#include "strata/1_physical/device/tap.hpp"
#include "strata/1_physical/serial/serial_device.hpp"
#include "strata/2_link/nic/nic.hpp"
#include "strata/2_link/slip/slip_link.hpp"

namespace strata::host {
namespace {

bool is_readable_within(int descriptor, std::chrono::milliseconds at_most) {
    pollfd readable{descriptor, POLLIN, 0};
    return ::poll(&readable, 1, static_cast<int>(at_most.count())) == 1;
}

// A TAP, a TUN, a packet socket.
class PortDevice final : public Device {
public:
    explicit PortDevice(std::unique_ptr<physical::KernelPort> port) : port_(std::move(port)) {}

    [[nodiscard]] const std::string& name() const noexcept override { return port_->name(); }
    [[nodiscard]] bool link_up() const noexcept override { return port_->link_up(); }
    void capture(Context context, const std::string& pcap_file, Duration clock_offset) override {
        auto opened = physical::Capture::open(context, *port_, pcap_file, {.clock_offset = clock_offset});
        if (!opened) throw_if(opened.error(), "cannot write the capture " + pcap_file);
        capture_ = std::move(*opened);
    }
    [[nodiscard]] std::uint32_t add_to(Host& host, const InterfaceOptions& options) override {
        if (capture_) return host.add_interface_without_address(*capture_, options);
        return host.add_interface_without_address(*port_, options);
    }
    void watch(session::RealRuntime& runtime) override {
        runtime.watch({.descriptor = port_->descriptor(),
                       .readable = [this] { return port_->on_readable(); },
                       .wants_writable = [this] { return port_->wants_writable(); },
                       .writable = [this] { port_->on_writable(); }});
    }
    void read_within(std::chrono::milliseconds at_most) override {
        if (is_readable_within(port_->descriptor(), at_most)) (void)port_->on_readable();
    }
    void visit_counters(const link::CounterVisitor& visit) const override { port_->counters().for_each(visit); }

private:
    std::unique_ptr<physical::KernelPort> port_;
    std::unique_ptr<physical::Capture> capture_;
};

class SlipDevice final : public Device {
public:
    SlipDevice(Context context, std::unique_ptr<physical::SerialDevice> line, std::string path,
               const link::SlipOptions& options)
        : line_(std::move(line)), path_(std::move(path)), link_(context, *line_, options) {}

    [[nodiscard]] const std::string& name() const noexcept override { return path_; }
    [[nodiscard]] bool link_up() const noexcept override { return line_->carrier(); }
    void capture(Context, const std::string&, Duration) override {
        throw_if(make_error_code(Error::not_supported),
                 "a serial line carries octets, not frames: it can't be captured");
    }
    [[nodiscard]] std::uint32_t add_to(Host& host, const InterfaceOptions& options) override {
        return host.add_interface_without_address(link_, options);
    }
    void watch(session::RealRuntime& runtime) override {
        runtime.watch({.descriptor = line_->descriptor(),
                       .readable = [this] { return line_->on_readable(); },
                       .wants_readable = [this] { return line_->wants_readable(); },
                       .wants_writable = [this] { return line_->wants_writable(); },
                       .writable = [this] { line_->on_writable(); }});
    }
    void read_within(std::chrono::milliseconds at_most) override {
        if (is_readable_within(line_->descriptor(), at_most)) (void)line_->on_readable();
    }
    void visit_counters(const link::CounterVisitor& visit) const override { line_->counters().for_each(visit); }

private:
    std::unique_ptr<physical::SerialDevice> line_;
    std::string path_;
    link::SlipLink link_;
};

std::unique_ptr<physical::KernelPort> open_tap(Context context, const DeviceHostOptions& options) {
    physical::TapOptions wanted;
    wanted.name = options.interface;
    wanted.framing = options.kind == DeviceKind::tun ? physical::Framing::ip : physical::Framing::ethernet;
    wanted.mtu = options.mtu;
    wanted.offload = options.offload;
    auto opened = physical::Tap::open(context, wanted);
    if (!opened) throw_if(opened.error(), physical::Tap::explain(opened.error(), options.interface, wanted.framing));
    std::unique_ptr<physical::Tap> tap = std::move(*opened);
    if (options.kernel_address) {
        throw_if(tap->set_host_address(*options.kernel_address),
                 "cannot give " + tap->name() + " the address " + options.kernel_address->to_string());
    }
    return tap;
}

std::unique_ptr<physical::KernelPort> open_packet_socket(Context context, const DeviceHostOptions& options) {
    physical::PacketSocketOptions wanted;
    wanted.interface = options.interface;
    wanted.only_for = options.mac;
    wanted.offload = options.offload;
    auto opened = physical::PacketSocket::open(context, wanted);
    if (!opened) throw_if(opened.error(), physical::PacketSocket::explain(opened.error(), options.interface));
    return std::move(*opened);
}

std::unique_ptr<Device> open_slip(Context context, const DeviceHostOptions& options) {
    physical::SerialDeviceOptions wanted;
    wanted.path = options.interface;
    wanted.bits_per_second = options.bits_per_second;
    auto opened = physical::SerialDevice::open(context, wanted);
    if (!opened) throw_if(opened.error(), physical::SerialDevice::explain(opened.error(), options.interface));
    link::SlipOptions slip;
    if (options.mtu != 0) slip.mtu = options.mtu;
    return std::make_unique<SlipDevice>(context, std::move(*opened), options.interface, slip);
}

}  // namespace

std::unique_ptr<Device> Device::open(Context context, const DeviceHostOptions& options) {
    switch (options.kind) {
        case DeviceKind::tap:
        case DeviceKind::tun: return std::make_unique<PortDevice>(open_tap(context, options));
        case DeviceKind::nic: return std::make_unique<PortDevice>(open_packet_socket(context, options));
        case DeviceKind::slip: break;
    }
    return open_slip(context, options);
}

}  // namespace strata::host
