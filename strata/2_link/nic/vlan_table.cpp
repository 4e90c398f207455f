#include "strata/2_link/nic/vlan_table.hpp"

#include <algorithm>
#include <utility>

namespace strata::link {
std::error_code VlanTable::attach(VlanId id, User& member) {
    return members_.emplace(id, &member).second ? std::error_code{} : make_error_code(Error::address_in_use);
}

void VlanTable::detach(VlanId id) {
    const auto found = members_.find(id);
    if (found == members_.end()) return;
    std::erase(in_burst_, found->second);
    members_.erase(found);
}

// ------------------------------------------------------------------------------------------------ link::User

void VlanTable::deliver(Packet packet, const Arrival& arrival) {
    if (!packet.pull(VlanTag::size)) return drop(packet, &VlanCounters::vlanInMalformed);
    const auto tag = VlanTag::parse(packet.front());
    if (!tag || std::to_underlying(tag->type) < ether_type_min) return drop(packet, &VlanCounters::vlanInMalformed);
    if (tag->type == EtherType::vlan || tag->type == EtherType::service_vlan) return drop_stacked(packet);
    Arrival inner = arrival;
    inner.type = tag->type;
    if (tag->id == VlanTag::priority_only) {
        ++counters_.vlanInPriorityTagged;
        packet.trim(VlanTag::size);
        return user_.untagged_arrived(std::move(packet), inner);
    }
    const auto id = VlanId::of(tag->id);
    if (!id) return drop(packet, &VlanCounters::vlanInReserved);
    const auto member = members_.find(*id);
    if (member == members_.end()) return drop(packet, &VlanCounters::vlanInUnknown);
    packet.trim(VlanTag::size);
    deliver_to(*member->second, std::move(packet), inner);
}

void VlanTable::deliver_to(User& member, Packet packet, const Arrival& arrival) {
    if (in_burst_.empty() || in_burst_.back() != &member) {
        if (std::ranges::find(in_burst_, &member) == in_burst_.end()) in_burst_.push_back(&member);
    }
    member.deliver(std::move(packet), arrival);
}

// A member may come and go meanwhile.
template <typename Visitor>
void VlanTable::for_each_member(Visitor&& visit) {
    for (auto at = members_.begin(); at != members_.end();) {
        const VlanId id = at->first;
        visit(*at->second);
        at = members_.upper_bound(id);
    }
}

void VlanTable::burst_ended() {
    while (!in_burst_.empty()) {
        User* member = in_burst_.back();
        in_burst_.pop_back();
        member->burst_ended();
    }
}

void VlanTable::writable() {
    for_each_member([](User& member) { member.writable(); });
}

void VlanTable::link_changed(bool up) {
    for_each_member([up](User& member) { member.link_changed(up); });
}

void VlanTable::drop_stacked(const Packet& packet) { drop(packet, &VlanCounters::vlanInStacked); }

void VlanTable::drop(const Packet& packet, CounterOf<VlanCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::link, Direction::up, Verdict::dropped, counter, packet);
}

}  // namespace strata::link
