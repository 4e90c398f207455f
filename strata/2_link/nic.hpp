// Nic: a network interface: floor 2 of a host on one port of floor 1.
//
//            network floor (link::User)
//                  |  ^
//        send()    v  |   deliver(), burst_ended()
//   [neighbours, segmentation, checksum, padding, frame check]   [filter, frame check]
//                  |  ^
//     [bounded queue] |   frames_arrived()
//                  v  |
//               physical::Port
//
// Does in software what the port cannot: cutting super-frames, completing checksums, the frame check sequence.
// RFC 894 (IP over Ethernet), RFC 1122 2.3.
#pragma once

#include <map>
#include <vector>

#include "strata/0_foundation/ring_queue.hpp"
#include "strata/1_physical/port.hpp"
#include "strata/2_link/ethernet.hpp"
#include "strata/2_link/neighbors.hpp"
#include "strata/2_link/service.hpp"

namespace strata::link {

struct NicOptions {
    MacAddress mac_address;
    std::size_t mtu = 0;                     // 0: the port's; more than the port's is brought down to it
    std::size_t queue_frames_max = 1024;     // frames that wait for the port; more are dropped
    std::size_t queue_bytes_max = 16 << 20;  // memory that they hold
    std::size_t queue_ready_max = 64;        // with so many waiting, ready() is false
    std::size_t groups_max = 256;            // multicast groups joined
    NeighborsOptions neighbors;
};

// RFC 2863 (IF-MIB), RFC 3635 (dot3).
struct NicCounters {
    std::uint64_t ifInOctets = 0;
    std::uint64_t ifInUcastPkts = 0;
    std::uint64_t ifInMulticastPkts = 0;
    std::uint64_t ifInBroadcastPkts = 0;
    std::uint64_t ifInDiscards = 0;  // nobody is attached above, or the interface is down
    std::uint64_t ifInErrors = 0;    // malformed
    std::uint64_t ifInUnknownProtos = 0;
    std::uint64_t ifInNotForUs = 0;  // another host's, or a group nobody joined
    std::uint64_t dot3StatsFCSErrors = 0;
    std::uint64_t ifOutOctets = 0;
    std::uint64_t ifOutUcastPkts = 0;
    std::uint64_t ifOutMulticastPkts = 0;
    std::uint64_t ifOutBroadcastPkts = 0;
    std::uint64_t ifOutDiscards = 0;  // the queue was full, or the link was down
    std::uint64_t ifOutErrors = 0;    // too long, or a super-packet that could not be cut

    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        visit("ifInOctets", ifInOctets);
        visit("ifInUcastPkts", ifInUcastPkts);
        visit("ifInMulticastPkts", ifInMulticastPkts);
        visit("ifInBroadcastPkts", ifInBroadcastPkts);
        visit("ifInDiscards", ifInDiscards);
        visit("ifInErrors", ifInErrors);
        visit("ifInUnknownProtos", ifInUnknownProtos);
        visit("ifInNotForUs", ifInNotForUs);
        visit("dot3StatsFCSErrors", dot3StatsFCSErrors);
        visit("ifOutOctets", ifOutOctets);
        visit("ifOutUcastPkts", ifOutUcastPkts);
        visit("ifOutMulticastPkts", ifOutMulticastPkts);
        visit("ifOutBroadcastPkts", ifOutBroadcastPkts);
        visit("ifOutDiscards", ifOutDiscards);
        visit("ifOutErrors", ifOutErrors);
    }
};

class Nic final : public Service, private physical::PortUser, private NeighborsUser {
public:
    // Attaches itself to the port, which outlives it.
    Nic(Context context, physical::Port& port, const NicOptions& options);
    Nic(const Nic&) = delete;
    Nic& operator=(const Nic&) = delete;
    ~Nic() override;

    // A locally administered address for a host that was given none (IEEE 802c, 02-...).
    [[nodiscard]] static MacAddress random_mac(Entropy& entropy);

    // link::Service
    [[nodiscard]] const Features& features() const noexcept override { return features_; }
    [[nodiscard]] bool link_up() const noexcept override { return enabled_ && port_.link_up(); }
    [[nodiscard]] bool enabled() const noexcept override { return enabled_; }
    void set_enabled(bool enabled) override;
    [[nodiscard]] MacAddress mac_address() const noexcept override { return options_.mac_address; }
    void attach(User* user) noexcept override { user_ = user; }
    void send(Packet packet, Ipv4Address next_hop) override;
    [[nodiscard]] bool ready() const noexcept override { return queue_.size() < options_.queue_ready_max; }
    void confirm_reachable(Ipv4Address next_hop) override { neighbors_.confirm(next_hop); }
    void add_address(Ipv4Address address) override { neighbors_.add_address(address); }
    void remove_address(Ipv4Address address) override { neighbors_.remove_address(address); }
    void join(Ipv4Address group) override;
    void leave(Ipv4Address group) override;

    [[nodiscard]] const NicCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] const ArpCounters& arp_counters() const noexcept { return neighbors_.counters(); }
    [[nodiscard]] const Neighbors& neighbors() const noexcept { return neighbors_; }

private:
    // physical::PortUser
    void frames_arrived(std::span<Packet> frames) override;
    void port_writable() override;
    void link_changed(bool up) override;
    // NeighborsUser
    void send_arp(const ArpPacket& arp, MacAddress to) override;
    void resolved(Packet packet, MacAddress to) override { send_frame(std::move(packet), to, EtherType::ipv4); }
    void unresolved(Packet packet, Ipv4Address next_hop) override;
    void reachable_again(Ipv4Address next_hop) override;
    void address_conflict(Ipv4Address address, MacAddress other) override;

    void receive(Packet& frame);
    [[nodiscard]] bool wants(MacAddress destination) const noexcept;
    void deliver(Packet& frame, const EthernetHeader& header);
    void send_frame(Packet packet, MacAddress to, EtherType type);
    void send_cut(const Packet& super);
    void finish(Packet& frame);
    void transmit(std::span<Packet> frames);
    void enqueue(std::span<Packet> frames);
    Packet dequeue();
    void tell_link(bool up);
    void flush_queue();
    void count_out(MacAddress to, std::size_t frames, std::size_t octets);
    void drop_out(const Packet& packet, std::uint64_t& counter, std::string_view reason);
    void drop_in(const Packet& packet, std::uint64_t& counter, std::string_view reason);

    Context context_;
    physical::Port& port_;
    const physical::PortFeatures& port_features_;
    NicOptions options_;
    Features features_;
    User* user_ = nullptr;
    Neighbors neighbors_;
    std::map<MacAddress, std::size_t> groups_;  // how many joined IPv4 groups share this one
    RingQueue<Packet> queue_;
    std::size_t queue_bytes_ = 0;
    bool enabled_ = true;
    bool was_unready_ = false;  // the user may wait for writable()
    std::vector<Packet> cut_;   // the frames of one super-packet
    NicCounters counters_;
};

}  // namespace strata::link
