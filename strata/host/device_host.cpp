#include "strata/host/device_host.hpp"

#include "strata/host/device.hpp"

namespace strata::host {
DeviceHost::DeviceHost(boost::asio::io_context& io, DeviceHostOptions options)
    : options_(std::move(options)), runtime_(io) {
    // The device is told for whom it receives.
    if (options_.mac.is_zero()) options_.mac = link::Nic::random_mac(entropy_);
    const Context context{runtime_.scheduler(), entropy_, pool_};
    device_ = Device::open(context, options_);
    if (!options_.pcap_file.empty()) {
        // Stamps that mean something to a reader: the calendar's, which our clock knows nothing of.
        const Duration offset =
            std::chrono::system_clock::now().time_since_epoch() - runtime_.scheduler().now().time_since_epoch();
        device_->capture(context, options_.pcap_file, offset);
    }
    host_ = std::make_unique<Host>(io.get_executor(), runtime_.scheduler(), entropy_, options_.host);
    InterfaceOptions interface;
    interface.name = device_->name();
    interface.mac = options_.mac;
    interface.mtu = options_.mtu;
    interface.arp = options_.arp;
    interface.vlan = options_.vlan;
    interface_ = device_->add_to(*host_, interface);
    if (!options_.address.address.is_any()) set_address(options_.address);
    runtime_.tend(pool_);
    runtime_.tend(host_->pool());
    device_->watch(runtime_);
}

DeviceHost::~DeviceHost() {
    runtime_.unwatch_all();
    host_.reset();
}

void DeviceHost::set_address(const IpInterfaceAddress& address) {
    throw_if(host_->add_address(interface_, address), "cannot use the address " + address.to_string());
    if (options_.gateway) {
        throw_if(host_->set_gateway(*options_.gateway), "cannot use the gateway " + options_.gateway->to_string() +
                                                            ": it is not in the subnet of " + address.to_string());
    }
}

void DeviceHost::drive(Duration at_most, const std::function<bool()>& done) {
    RealScheduler& scheduler = runtime_.scheduler();
    scheduler.update();
    const Instant end = scheduler.now() + at_most;
    while (!done() && scheduler.now() < end) {
        device_->read_within(10ms);
        scheduler.update();
        scheduler.expire();
    }
}

const std::string& DeviceHost::device_name() const noexcept { return device_->name(); }

bool DeviceHost::link_up() const noexcept { return device_->link_up(); }

void DeviceHost::visit_device_counters(const link::CounterVisitor& visit) const { device_->visit_counters(visit); }

}  // namespace strata::host
