#include "strata/2_link/nic/ethernet_interface.hpp"

#include <utility>

#include "strata/2_link/ethernet/group_address.hpp"

namespace strata::link {

EthernetInterface::EthernetInterface(Context context, const Setup& setup)
    : context_(context),
      mac_address_(setup.mac_address),
      features_(setup.features),
      neighbors_(context, *this, setup.neighbors),
      arp_(context, *this, neighbors_, *this, setup.arp) {
    users_.attach(EtherType::arp, &arp_);
    neighbors_.attach(IpVersion::v4, &arp_);
}

void EthernetInterface::attach(EtherType type, User* user) {
    if (type == EtherType::vlan || type == EtherType::mac_control) return;
    users_.attach(type, user);
}

// ------------------------------------------------------------------------------------------------ down

void EthernetInterface::send(Packet packet, const IpAddress& next_hop) {
    if (packet.segmentation() == Segmentation::none && packet.size() > features_.mtu) {
        return not_sent(packet, Unsent::too_long);
    }
    const EtherType type = ether_type_of(next_hop);
    if (const MacAddress* to = neighbors_.find(next_hop)) return send_frame(std::move(packet), *to, type);
    if (next_hop == Ipv4Address::broadcast()) return send_frame(std::move(packet), MacAddress::broadcast(), type);
    if (next_hop.is_multicast()) return send_frame(std::move(packet), group_mac(next_hop), type);
    if (!link_up()) return not_sent(packet, Unsent::link_down);
    neighbors_.wait_for(next_hop, std::move(packet));
}

void EthernetInterface::send_to(Packet packet, EtherType type, MacAddress to) {
    if (packet.segmentation() == Segmentation::none && packet.size() > features_.mtu) {
        return not_sent(packet, Unsent::too_long);
    }
    send_frame(std::move(packet), to, type);
}

// ------------------------------------------------------------------------------------------------ the link's state

void EthernetInterface::tell_link(bool up, bool waited_for_room) {
    if (!up) neighbors_.forget_all();
    users_.for_each([&](User& user) { user.link_changed(up); });
    if (up || waited_for_room) tell_writable();
    if (up) reachable_again(IpAddress{});
}

// ------------------------------------------------------------------------------------------------ what is reported

void EthernetInterface::resolved(Packet packet, const IpAddress& next_hop, MacAddress to) {
    send_frame(std::move(packet), to, ether_type_of(next_hop));
}

void EthernetInterface::unresolved(Packet packet, const IpAddress& next_hop) {
    context_.traced(Floor::link, Direction::down, Verdict::dropped, &NeighborCounters::neighborUnresolved, packet);
    if (User* user = users_.find(ether_type_of(next_hop))) user->unreachable(std::move(packet), next_hop);
}

void EthernetInterface::reachable_again(const IpAddress& next_hop) {
    users_.for_each([&](User& user) { user.reachable_again(next_hop); });
}

void EthernetInterface::address_conflict(const IpAddress& address, MacAddress other) {
    if (User* user = users_.find(ether_type_of(address))) user->address_conflict(address, other);
}

void EthernetInterface::address_changed(const IpAddress& address, AddressState state, MacAddress other) {
    if (User* user = users_.find(ether_type_of(address))) user->address_changed(address, state, other);
}

// ------------------------------------------------------------------------------------------------ addresses

void EthernetInterface::add_address(const IpAddress& address) {
    if (Resolver* resolver = neighbors_.resolver(address.version())) resolver->add_address(address);
}

void EthernetInterface::remove_address(const IpAddress& address) {
    if (Resolver* resolver = neighbors_.resolver(address.version())) resolver->remove_address(address);
}

std::error_code EthernetInterface::add_proxy(const IpPrefix& network) {
    Resolver* resolver = neighbors_.resolver(network.network().version());
    return resolver == nullptr ? Error::not_supported : resolver->add_proxy(network);
}

void EthernetInterface::remove_proxy(const IpPrefix& network) {
    if (Resolver* resolver = neighbors_.resolver(network.network().version())) resolver->remove_proxy(network);
}

}  // namespace strata::link
