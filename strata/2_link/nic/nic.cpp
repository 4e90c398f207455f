// Setting up, and what floor 1 and the neighbour cache report.
#include "strata/2_link/nic/nic.hpp"

#include <algorithm>
#include <utility>

#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/2_link/ethernet/group_address.hpp"

namespace strata::link {
namespace {

NicOptions fitted(NicOptions options, const physical::PortFeatures& port) {
    if (options.mtu == 0 || options.mtu > port.mtu) options.mtu = port.mtu;
    return options;
}

}  // namespace

Nic::Nic(Context context, physical::Port& port, const NicOptions& options)
    : context_(context),
      port_(port),
      port_features_(port.features()),
      options_(fitted(options, port.features())),
      features_{.mtu = options_.mtu,
                .headroom = EthernetHeader::size,
                .checksum_offload = true,
                .super_packet_max = ip_packet_max},
      neighbors_(context, *this, options.neighbors),
      arp_(context, *this, neighbors_, *this, options.arp) {
    attach(EtherType::arp, &arp_);
    neighbors_.attach(IpVersion::v4, &arp_);
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
    neighbors_.counters().for_each(visit);
    arp_.counters().for_each(visit);
}

// --- the link's state

void Nic::link_changed(bool up) {
    if (enabled_) tell_link(up);
}

void Nic::set_enabled(bool enabled) {
    if (std::exchange(enabled_, enabled) != enabled && port_.link_up()) tell_link(enabled);
}

void Nic::tell_link(bool up) {
    if (!up) {
        neighbors_.forget_all();
        while (!queue_.empty()) drop_out(dequeue(), &NicCounters::ifOutDiscards);
    }
    users_.for_each([&](User& user) { user.link_changed(up); });
    // What waited for a full port can leave also when the link is down: it is taken and lost, and
    // its sender's timers run again.
    if (std::exchange(was_unready_, false) || up) {
        users_.for_each([](User& user) { user.writable(); });
    }
    if (up) reachable_again(IpAddress{});
}

// --- what the neighbour cache and ARP report

void Nic::resolved(Packet packet, const IpAddress& next_hop, MacAddress to) {
    send_frame(std::move(packet), to, ether_type_of(next_hop));
}

void Nic::unresolved(Packet packet, const IpAddress& next_hop) {
    context_.traced(Floor::link, Direction::down, Verdict::dropped, &NeighborCounters::neighborUnresolved, packet);
    if (User* user = users_.find(ether_type_of(next_hop))) user->unreachable(std::move(packet), next_hop);
}

void Nic::reachable_again(const IpAddress& next_hop) {
    users_.for_each([&](User& user) { user.reachable_again(next_hop); });
}

void Nic::address_conflict(const IpAddress& address, MacAddress other) {
    if (User* user = users_.find(ether_type_of(address))) user->address_conflict(address, other);
}

void Nic::address_changed(const IpAddress& address, AddressState state, MacAddress other) {
    if (User* user = users_.find(ether_type_of(address))) user->address_changed(address, state, other);
}

// --- addresses and groups

void Nic::add_address(const IpAddress& address) {
    if (Resolver* resolver = neighbors_.resolver(address.version())) resolver->add_address(address);
}

void Nic::remove_address(const IpAddress& address) {
    if (Resolver* resolver = neighbors_.resolver(address.version())) resolver->remove_address(address);
}

std::error_code Nic::add_proxy(const IpPrefix& network) {
    Resolver* resolver = neighbors_.resolver(network.network().version());
    return resolver == nullptr ? Error::not_supported : resolver->add_proxy(network);
}

void Nic::remove_proxy(const IpPrefix& network) {
    if (Resolver* resolver = neighbors_.resolver(network.network().version())) resolver->remove_proxy(network);
}

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
