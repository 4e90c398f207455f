#include "strata/host/tap_host.hpp"

#include <poll.h>

#include <system_error>

namespace strata::host {
namespace {

void check(const std::error_code& error, const std::string& what) {
    if (error) throw std::system_error(error, what);
}

}  // namespace

TapHost::TapHost(boost::asio::io_context& io, TapHostOptions options) : options_(std::move(options)), runtime_(io) {
    open_tap();
    if (!options_.pcap_file.empty()) {
        // Stamps that mean something to a reader: the calendar's, which our clock knows nothing of.
        physical::CaptureOptions capture;
        capture.clock_offset =
            std::chrono::system_clock::now().time_since_epoch() - runtime_.scheduler().now().time_since_epoch();
        auto opened =
            physical::Capture::open({runtime_.scheduler(), entropy_, pool_}, *tap_, options_.pcap_file, capture);
        if (!opened) check(opened.error(), "cannot write the capture " + options_.pcap_file);
        capture_ = std::move(*opened);
    }
    host_ = std::make_unique<Host>(io.get_executor(), runtime_.scheduler(), entropy_, options_.host);
    InterfaceOptions interface;
    interface.name = tap_->name();
    interface.mac = options_.mac;
    interface.mtu = options_.mtu;
    interface.arp = options_.arp;
    interface_ = host_->add_interface_without_address(port(), interface);
    if (!options_.address.address.is_any()) set_address(options_.address);
    runtime_.tend(pool_);
    runtime_.tend(host_->pool());
    runtime_.watch({.descriptor = tap_->descriptor(),
                    .readable = [this] { return tap_->on_readable(); },
                    .wants_writable = [this] { return tap_->wants_writable(); },
                    .writable = [this] { tap_->on_writable(); }});
}

TapHost::~TapHost() {
    runtime_.unwatch_all();
    host_.reset();
}

void TapHost::set_address(const IpInterfaceAddress& address) {
    check(host_->add_address(interface_, address), "cannot use the address " + address.to_string());
    if (options_.gateway) {
        check(host_->set_gateway(*options_.gateway), "cannot use the gateway " + options_.gateway->to_string() +
                                                         ": it is not in the subnet of " + address.to_string());
    }
}

void TapHost::drive(Duration at_most, const std::function<bool()>& done) {
    RealScheduler& scheduler = runtime_.scheduler();
    scheduler.update();
    const Instant end = scheduler.now() + at_most;
    while (!done() && scheduler.now() < end) {
        constexpr int step = 10;  // milliseconds
        pollfd readable{tap_->descriptor(), POLLIN, 0};
        (void)::poll(&readable, 1, step);
        scheduler.update();
        while (tap_->on_readable()) continue;
        scheduler.expire();
    }
}

physical::Port& TapHost::port() {
    if (capture_) return *capture_;
    return *tap_;
}

void TapHost::open_tap() {
    physical::TapOptions options;
    options.name = options_.interface;
    options.mtu = options_.mtu;
    options.offload = options_.offload;
    auto opened = physical::Tap::open({runtime_.scheduler(), entropy_, pool_}, options);
    if (!opened) throw std::system_error(opened.error(), physical::Tap::explain(opened.error(), options_.interface));
    tap_ = std::move(*opened);
    if (options_.kernel_address) {
        check(tap_->set_host_address(*options_.kernel_address),
              "cannot give " + tap_->name() + " the address " + options_.kernel_address->to_string());
    }
}

}  // namespace strata::host
