// Setting up, and what floor 1 reports of the link.
#include "strata/2_link/nic/nic.hpp"

#include <algorithm>
#include <utility>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/2_link/ethernet/group_address.hpp"

namespace strata::link {
namespace {

// No IP packet is longer than ip_packet_max, whatever the port could carry.
Features features_on(const physical::PortFeatures& port, const NicOptions& options) {
    const std::size_t most = std::min(port.mtu, ip_packet_max);
    return {.mtu = options.mtu == 0 ? most : std::min(options.mtu, most),
            .headroom = EthernetHeader::size,
            .checksum_offload = true,
            .super_packet_max = ip_packet_max};
}

}  // namespace

Nic::Nic(Context context, physical::Port& port, const NicOptions& options)
    : EthernetInterface(context, {.mac_address = options.mac_address,
                                  .features = features_on(port.features(), options),
                                  .neighbors = options.neighbors,
                                  .arp = options.arp}),
      port_(port),
      port_features_(port.features()),
      options_(options),
      vlans_(context, *this),
      flow_control_(context, *this, port, options.flow_control) {
    port_.attach(this);
}

Nic::~Nic() { port_.attach(nullptr); }

MacAddress Nic::random_mac(Entropy& entropy) {
    std::array<std::uint8_t, MacAddress::size> octets{};
    entropy.fill(std::as_writable_bytes(std::span{octets}));
    octets[0] = static_cast<std::uint8_t>((octets[0] & 0xfc) | 0x02);
    return MacAddress{octets};
}

void Nic::visit_counters(const CounterVisitor& visit) const {
    counters_.for_each(visit);
    vlans_.counters().for_each(visit);
    flow_control_.counters().for_each(visit);
    EthernetInterface::visit_counters(visit);
}

// --- the link's state

void Nic::link_changed(bool up) {
    if (enabled()) link_is(up);
}

void Nic::set_enabled(bool enabled) {
    if (change_enabled(enabled) && port_.link_up()) link_is(enabled);
}

void Nic::link_is(bool up) {
    flow_control_.link_changed(up);
    if (!up) {
        while (!queue_.empty()) drop_out(dequeue(), &NicCounters::ifOutDiscards);
    }
    tell_link(up, std::exchange(was_unready_, false));
}

// --- flow control

void Nic::pause(std::uint16_t quanta) {
    if (link_up()) flow_control_.ask({quanta});
}

void Nic::set_congested(bool congested) { flow_control_.set_congested(congested); }

// --- virtual LANs

// The table is a user only while there are VLANs: who has none pays nothing for them.
std::error_code Nic::attach_vlan(VlanId id, User& member) {
    if (const auto error = vlans_.attach(id, member)) return error;
    users().attach(EtherType::vlan, &vlans_);
    return {};
}

void Nic::detach_vlan(VlanId id) {
    vlans_.detach(id);
    if (vlans_.empty()) users().attach(EtherType::vlan, nullptr);
}

// --- groups

std::error_code Nic::join(const IpAddress& group) {
    if (!group.is_multicast()) return Error::invalid_argument;
    const MacAddress mac = group_mac(group);
    if (!groups_.contains(mac) && groups_.size() >= options_.groups_max) return Error::limit_reached;
    ++groups_[mac];
    return {};
}

void Nic::leave(const IpAddress& group) {
    const auto found = groups_.find(group_mac(group));
    if (found != groups_.end() && --found->second == 0) groups_.erase(found);
}

}  // namespace strata::link
