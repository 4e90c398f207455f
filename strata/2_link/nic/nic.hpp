// Nic: a network interface: floor 2 of a host on one port of floor 1.
//
//       network floor, Arp: a link::User an EtherType      VlanInterface, one a VLAN
//                  |  ^                                        |  ^
//           [neighbours: EthernetInterface]                    |  | [VlanTable]
//  transmit.cpp    v  |   receive.cpp                          v  |
//   [segmentation, checksum, padding, frame check]   [frame check, filter]
//                  |  ^
//     [bounded queue] |   frames_arrived()
//                  v  |
//               physical::Port
//
// Does in software what the port cannot: cutting super-frames, completing checksums, the frame
// check sequence. RFC 894 (IP over Ethernet), RFC 1122 2.3.
#pragma once

#include <map>
#include <vector>

#include "strata/0_foundation/ring_queue.hpp"
#include "strata/1_physical/port.hpp"
#include "strata/2_link/ethernet/header.hpp"
#include "strata/2_link/nic/counters.hpp"
#include "strata/2_link/nic/ethernet_interface.hpp"
#include "strata/2_link/nic/flow_control.hpp"
#include "strata/2_link/nic/frame_observer.hpp"
#include "strata/2_link/nic/vlan_table.hpp"

namespace strata::link {

struct NicOptions {
    MacAddress mac_address;
    std::size_t mtu = 0;                     // 0: the port's; more than the port's is brought down to it
    std::size_t queue_frames_max = 1024;     // frames that wait for the port; more are dropped
    std::size_t queue_bytes_max = 16 << 20;  // memory that they hold
    std::size_t queue_ready_max = 64;        // with so many waiting, ready() is false
    std::size_t groups_max = 256;            // multicast groups joined
    NeighborCacheOptions neighbors;
    ArpOptions arp;
    FlowControlOptions flow_control;
};

class Nic final : public EthernetInterface, private physical::PortUser, private VlanTableUser, private FlowControlUser {
public:
    // Attaches itself to the port, which outlives it.
    Nic(Context context, physical::Port& port, const NicOptions& options);
    ~Nic() override;

    // A locally administered address for a host that was given none (IEEE 802c, 02-...).
    [[nodiscard]] static MacAddress random_mac(Entropy& entropy);

    // link::Service
    [[nodiscard]] bool link_up() const noexcept override { return enabled() && port_.link_up(); }
    void set_enabled(bool enabled) override;
    [[nodiscard]] bool ready() const noexcept override { return queue_.size() < options_.queue_ready_max; }
    [[nodiscard]] std::error_code join(const IpAddress& group) override;
    void leave(const IpAddress& group) override;
    void hear_all_groups(bool all) override { all ? ++all_groups_ : --all_groups_; }
    void visit_counters(const CounterVisitor& visit) const override;

    // --- beyond our own frames
    // Null ends promiscuous mode. The observer outlives its attachment.
    void set_promiscuous(FrameObserver* observer) noexcept { observer_ = observer; }
    [[nodiscard]] bool promiscuous() const noexcept { return observer_ != nullptr; }

    // --- flow control (IEEE 802.3 annex 31B)
    // Asks the neighbour on the link to send nothing for so many quanta of 512 bit times; 0: to go
    // on. Nothing is asked while the link is down.
    void pause(std::uint16_t quanta);
    // Whoever takes this interface's packets into a queue says that it is nearly full, and later
    // that it has room again: meanwhile the neighbour is asked for silence, as often as it takes.
    void set_congested(bool congested);
    // Our neighbour asked us for silence: what is sent waits in the queue.
    [[nodiscard]] bool paused() const noexcept { return flow_control_.paused(); }

    // --- for VlanInterface
    // The VLAN's packets go to `member`, which outlives its attachment. Error: address_in_use.
    [[nodiscard]] std::error_code attach_vlan(VlanId id, User& member);
    void detach_vlan(VlanId id);
    // A packet that begins with the tag of its VLAN and the type (VlanTag::write).
    void send_tagged(Packet packet, MacAddress to) { send_frame(std::move(packet), to, EtherType::vlan); }

    [[nodiscard]] const NicCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] const VlanCounters& vlan_counters() const noexcept { return vlans_.counters(); }
    [[nodiscard]] const FlowControlCounters& flow_control_counters() const noexcept { return flow_control_.counters(); }

private:
    // physical::PortUser
    void frames_arrived(std::span<Packet> frames) override;
    void port_writable() override;
    void link_changed(bool up) override;
    // EthernetInterface
    void send_frame(Packet packet, MacAddress to, EtherType type) override;
    void not_sent(const Packet& packet, Unsent why) override;
    // VlanTableUser
    void untagged_arrived(Packet packet, const Arrival& arrival) override;

    // FlowControlUser
    [[nodiscard]] bool send_pause(PauseFrame pause) override;
    void pause_ended() override;

    // nic.cpp
    void link_is(bool up);

    // receive.cpp
    void receive(Packet& frame);
    [[nodiscard]] bool wants(MacAddress destination) const noexcept;
    void deliver(Packet& frame, const EthernetHeader& header);
    void not_for_us(Packet& frame, const EthernetHeader& header);
    void control_arrived(Packet& frame, MacAddress destination);
    [[nodiscard]] User* taker_of_others(Packet& frame, const EthernetHeader& header, const Arrival& arrival);
    void count_in(const Arrival& arrival) noexcept {
        ++(arrival.broadcast   ? counters_.ifInBroadcastPkts
           : arrival.multicast ? counters_.ifInMulticastPkts
                               : counters_.ifInUcastPkts);
    }
    void drop_in(const Packet& packet, CounterOf<NicCounters> counter);

    // transmit.cpp
    void send_cut(const Packet& super);
    void finish(Packet& frame);
    void transmit(std::span<Packet> frames);
    void enqueue(std::span<Packet> frames);
    Packet dequeue();
    void flush_queue();
    void offer_room();
    void count_out(MacAddress to, std::size_t frames, std::size_t octets);
    void drop_out(const Packet& packet, CounterOf<NicCounters> counter);

    physical::Port& port_;
    const physical::PortFeatures& port_features_;
    NicOptions options_;
    VlanTable vlans_;
    FlowControl flow_control_;
    FrameObserver* observer_ = nullptr;
    std::size_t all_groups_ = 0;                // who wants to hear them all
    std::map<MacAddress, std::size_t> groups_;  // how many joined groups share this one
    RingQueue<Packet> queue_;
    std::size_t queue_bytes_ = 0;
    bool was_unready_ = false;  // the user may wait for writable()
    std::vector<Packet> cut_;   // the frames of one super-packet
    NicCounters counters_;
};

}  // namespace strata::link
