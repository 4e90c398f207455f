// VlanInterface: a virtual LAN on a Nic (IEEE 802.1Q), with
// neighbours, users and groups of its own.
//
//     Internet: "eth0"            "eth0.10"               "eth0.20"
//                  |                  |                       |
//                  |        [ VlanInterface 10 ]    [ VlanInterface 20 ]
//                  |                  |                       |
//               [ Nic:  untagged      +---- tagged -----------+  ]   one MAC address, one queue,
//                                     |                              one port
//
// What leaves is given its tag in the headroom; all that a Nic does for its port (cutting,
// checksums, padding, frame check) it does for tagged frames too. The MTU stays that of the Nic: a
// tagged frame is four bytes longer, as IEEE 802.3 3.2.7 has it.
#pragma once

#include <memory>
#include <set>

#include "strata/2_link/nic/ethernet_interface.hpp"
#include "strata/2_link/nic/nic.hpp"
#include "strata/2_link/vlan/counters.hpp"

namespace strata::link {

// Which VLAN an interface is on, and how urgent it says its frames are.
struct VlanMembership {
    VlanId id;
    std::uint8_t priority = 0;       // of all that leaves (PCP), 0 to 7; of more, the last three bits
    bool priority_of_class = false;  // instead, of IP packets: the upper three bits of their DSCP (RFC 2474 4.2.2)
};

struct VlanOptions {
    VlanMembership vlan;
    std::size_t mtu = 0;  // 0: the Nic's; more than that is brought down to it
    NeighborCacheOptions neighbors;
    ArpOptions arp;
};

class VlanInterface final : public EthernetInterface, private User {
public:
    // `nic` outlives it. Error: address_in_use (the Nic has an interface for this VLAN).
    [[nodiscard]] static Result<std::unique_ptr<VlanInterface>> make(Context context, Nic& nic,
                                                                     const VlanOptions& options);
    ~VlanInterface() override;

    [[nodiscard]] VlanId id() const noexcept { return vlan_.id; }
    [[nodiscard]] const VlanInterfaceCounters& counters() const noexcept { return counters_; }

    // link::Service
    [[nodiscard]] bool link_up() const noexcept override { return enabled() && nic_.link_up(); }
    void set_enabled(bool enabled) override;
    [[nodiscard]] bool ready() const noexcept override { return nic_.ready(); }
    // The Nic's filter serves all of its VLANs: which of them a group was joined on, floor 3 knows.
    [[nodiscard]] std::error_code join(const IpAddress& group) override;
    void leave(const IpAddress& group) override;
    void hear_all_groups(bool all) override;
    void visit_counters(const CounterVisitor& visit) const override {
        counters_.for_each(visit);
        EthernetInterface::visit_counters(visit);
    }

private:
    VlanInterface(Context context, Nic& nic, const VlanOptions& options);

    // EthernetInterface
    void send_frame(Packet packet, MacAddress to, EtherType type) override;
    void not_sent(const Packet& packet, Unsent why) override;
    // link::User, of the Nic's table
    void deliver(Packet packet, const Arrival& arrival) override;
    void burst_ended() override;
    void writable() override { tell_writable(); }
    void link_changed(bool up) override;

    [[nodiscard]] std::uint8_t priority_of(const Packet& packet, EtherType type) const noexcept;
    void drop_in(const Packet& packet, CounterOf<VlanInterfaceCounters> counter);

    Nic& nic_;
    VlanMembership vlan_;
    bool attached_ = false;
    std::multiset<IpAddress> joined_;  // the Nic's groups that are ours
    std::size_t all_groups_ = 0;       // how often we asked the Nic for all
    VlanInterfaceCounters counters_;
};

}  // namespace strata::link
