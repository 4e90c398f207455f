#include "strata/lab/lab.hpp"

#include <stdexcept>
#include <system_error>

namespace strata::lab {

Lab::Lab(session::asio::any_io_executor executor, Scheduler& scheduler, Entropy& entropy)
    : executor_(std::move(executor)), scheduler_(scheduler), entropy_(entropy) {}

Lab::~Lab() {
    hosts_.clear();
    captures_.clear();
    hubs_.clear();
    cables_.clear();
}

host::Host& Lab::add_host(std::string name, host::HostOptions options) {
    options.name = std::move(name);
    return *hosts_.emplace_back(std::make_unique<host::Host>(executor_, scheduler_, entropy_, std::move(options)));
}

physical::Cable& Lab::add_cable(const physical::CableOptions& options) {
    return *cables_.emplace_back(std::make_unique<physical::Cable>(Context{scheduler_, entropy_, pool_}, options));
}

void Lab::add_interface(host::Host& host, physical::Port& port, std::string_view address) {
    const auto parsed = IpInterfaceAddress::parse(address);
    if (!parsed || host.add_interface(port, *parsed)) {
        throw std::invalid_argument("'" + std::string(address) +
                                    "' is no address for a host; write one like 10.0.0.1/24");
    }
}

physical::Cable& Lab::join(host::Host& a, std::string_view a_address, host::Host& b, std::string_view b_address,
                           const physical::CableOptions& options) {
    physical::Cable& cable = add_cable(options);
    add_interface(a, cable.a(), a_address);
    add_interface(b, cable.b(), b_address);
    return cable;
}

physical::Hub& Lab::add_hub(const physical::HubOptions& options) {
    return *hubs_.emplace_back(std::make_unique<physical::Hub>(Context{scheduler_, entropy_, pool_}, options));
}

physical::Cable& Lab::join(host::Host& host, std::string_view address, physical::Hub& hub,
                           const physical::CableOptions& options) {
    physical::Cable& cable = add_cable(options);
    if (hub.attach(cable.b())) {
        throw std::invalid_argument("the hub has no free port, or its other cables have another MTU or other offloads");
    }
    add_interface(host, cable.a(), address);
    return cable;
}

physical::Cable& Lab::join_captured(host::Host& a, std::string_view a_address, host::Host& b,
                                    std::string_view b_address, const physical::CableOptions& options,
                                    const std::string& pcap_file) {
    physical::Cable& cable = add_cable(options);
    auto capture = physical::Capture::open(Context{scheduler_, entropy_, pool_}, cable.a(), pcap_file);
    if (!capture) throw std::system_error(capture.error(), "cannot write the capture " + pcap_file);
    captures_.push_back(std::move(*capture));
    add_interface(a, *captures_.back(), a_address);
    add_interface(b, cable.b(), b_address);
    return cable;
}

VirtualLab::VirtualLab(std::uint64_t seed)
    : entropy_(seed), lab_(runtime_.io().get_executor(), runtime_.scheduler(), entropy_) {}
VirtualLab::~VirtualLab() = default;

host::Host& VirtualLab::add_host(std::string name, host::HostOptions options) {
    // A calendar that begins where time does, so that dates in messages repeat as well.
    if (!options.session.epoch) options.session.epoch = std::chrono::sys_days{std::chrono::year{2024} / 1 / 1};
    return lab_.add_host(std::move(name), std::move(options));
}

}  // namespace strata::lab
