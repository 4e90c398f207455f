#include "strata/2_link/vlan/vlan_interface.hpp"

#include <algorithm>

namespace strata::link {
namespace {

Features features_on(const Nic& nic, const VlanOptions& options) {
    Features features = nic.features();
    if (options.mtu != 0) features.mtu = std::min(features.mtu, options.mtu);
    features.headroom += VlanTag::size;
    return features;
}

}  // namespace

VlanInterface::VlanInterface(Context context, Nic& nic, const VlanOptions& options)
    : EthernetInterface(context, {.mac_address = nic.mac_address(),
                                  .features = features_on(nic, options),
                                  .neighbors = options.neighbors,
                                  .arp = options.arp}),
      nic_(nic),
      vlan_(options.vlan) {}

Result<std::unique_ptr<VlanInterface>> VlanInterface::make(Context context, Nic& nic, const VlanOptions& options) {
    std::unique_ptr<VlanInterface> made{new VlanInterface{context, nic, options}};
    if (const auto error = nic.attach_vlan(options.vlan.id, *made)) return std::unexpected(error);
    made->attached_ = true;
    return made;
}

VlanInterface::~VlanInterface() {
    if (!attached_) return;
    nic_.detach_vlan(vlan_.id);
    for (const IpAddress& group : joined_) nic_.leave(group);
    for (; all_groups_ > 0; --all_groups_) nic_.hear_all_groups(false);
}

// ------------------------------------------------------------------------------------------------ the link's state

void VlanInterface::set_enabled(bool enabled) {
    if (change_enabled(enabled) && nic_.link_up()) tell_link(enabled, false);
}

void VlanInterface::link_changed(bool up) {
    if (enabled()) tell_link(up, false);
}

std::error_code VlanInterface::join(const IpAddress& group) {
    const auto error = nic_.join(group);
    if (!error) joined_.insert(group);
    return error;
}

void VlanInterface::leave(const IpAddress& group) {
    const auto found = joined_.find(group);
    if (found == joined_.end()) return;
    joined_.erase(found);
    nic_.leave(group);
}

void VlanInterface::hear_all_groups(bool all) {
    all ? ++all_groups_ : --all_groups_;
    nic_.hear_all_groups(all);
}

// ------------------------------------------------------------------------------------------------ down

void VlanInterface::send_frame(Packet packet, MacAddress to, EtherType type) {
    if (!link_up()) return not_sent(packet, Unsent::link_down);
    const VlanTag tag{.priority = priority_of(packet, type), .id = vlan_.id.number(), .type = type};
    tag.write(packet.push_or_grow(VlanTag::size));
    ++counters_.dot1qTpVlanPortOutFrames;
    nic_.send_tagged(std::move(packet), to);
}

std::uint8_t VlanInterface::priority_of(const Packet& packet, EtherType type) const noexcept {
    if (!vlan_.priority_of_class || packet.front().size() < 2) return vlan_.priority & VlanTag::priority_max;
    const std::uint16_t first = load_be16(packet.front().data());
    switch (type) {
        case EtherType::ipv4: return static_cast<std::uint8_t>(first >> 5 & VlanTag::priority_max);
        case EtherType::ipv6: return static_cast<std::uint8_t>(first >> 9 & VlanTag::priority_max);
        default: return vlan_.priority & VlanTag::priority_max;
    }
}

void VlanInterface::not_sent(const Packet& packet, Unsent) {
    ++counters_.dot1qTpVlanPortOutDiscards;
    context().traced(Floor::link, Direction::down, Verdict::dropped, &VlanInterfaceCounters::dot1qTpVlanPortOutDiscards,
                     packet);
}

// ------------------------------------------------------------------------------------------------ up

void VlanInterface::deliver(Packet packet, const Arrival& arrival) {
    if (!enabled()) return drop_in(packet, &VlanInterfaceCounters::dot1qTpVlanPortInDiscards);
    User* user = users().find(arrival.type);
    if (user == nullptr) return drop_in(packet, &VlanInterfaceCounters::dot1qTpVlanPortInUnknownProtos);
    ++counters_.dot1qTpVlanPortInFrames;
    user->deliver(std::move(packet), arrival);
}

void VlanInterface::burst_ended() {
    users().for_each([](User& user) { user.burst_ended(); });
}

void VlanInterface::drop_in(const Packet& packet, CounterOf<VlanInterfaceCounters> counter) {
    ++(counters_.*counter);
    context().traced(Floor::link, Direction::up, Verdict::dropped, counter, packet);
}

}  // namespace strata::link
