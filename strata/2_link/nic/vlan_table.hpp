// VlanTable: what becomes of tagged frames on a Nic (IEEE 802.1Q 6.9, 8.6.2): those of a VLAN that
// has a member go to it, those with a priority only are taken as untagged, all others are dropped.
//
//     VlanInterface 10   VlanInterface 20      users of untagged packets
//            ^                  ^                         ^
//            |                  |                         | VID 0
//            +-------- [ VlanTable ] ---------------------+
//                            ^ EtherType::vlan
//                         [ Nic ]
//
// Owned by Nic.
#pragma once

#include <map>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/counters.hpp"
#include "strata/2_link/ethernet/vlan.hpp"
#include "strata/2_link/service.hpp"

namespace strata::link {

#define STRATA_VLAN_COUNTERS(counter)                                                        \
    counter(vlanInPriorityTagged, "with a priority and no VLAN: taken as untagged");         \
    counter(vlanInUnknown, "dropped: of a VLAN that this interface is no member of");        \
    counter(vlanInReserved, "dropped: of VLAN 4095, which is none");                         \
    counter(vlanInStacked, "dropped: a tag behind the tag, or a provider's (IEEE 802.1ad)"); \
    counter(vlanInMalformed, "dropped: too short for its tag, or a length where the type should be");

STRATA_COUNTERS(VlanCounters, STRATA_VLAN_COUNTERS);

class VlanTableUser {
public:
    virtual ~VlanTableUser() = default;
    // A packet whose tag held a priority only, without its tag.
    virtual void untagged_arrived(Packet packet, const Arrival& arrival) = 0;
};

class VlanTable final : public User {
public:
    // `user` outlives it.
    VlanTable(Context context, VlanTableUser& user) : context_(context), user_(user) {}
    VlanTable(const VlanTable&) = delete;
    VlanTable& operator=(const VlanTable&) = delete;

    // The member outlives its attachment. Error: address_in_use (the VLAN has a member).
    [[nodiscard]] std::error_code attach(VlanId id, User& member);
    void detach(VlanId id);
    [[nodiscard]] bool empty() const noexcept { return members_.empty(); }
    [[nodiscard]] const VlanCounters& counters() const noexcept { return counters_; }

    // link::User. The packet begins with what follows the TPID.
    void deliver(Packet packet, const Arrival& arrival) override;
    void burst_ended() override;
    void writable() override;
    void link_changed(bool up) override;
    // A provider's tag: never for us.
    void drop_stacked(const Packet& packet);

private:
    template <typename Visitor>
    void for_each_member(Visitor&& visit);
    void deliver_to(User& member, Packet packet, const Arrival& arrival);
    void drop(const Packet& packet, CounterOf<VlanCounters> counter);

    Context context_;
    VlanTableUser& user_;
    std::map<VlanId, User*> members_;
    std::vector<User*> in_burst_;  // those that got packets since the last burst ended, each once
    VlanCounters counters_;
};

}  // namespace strata::link
