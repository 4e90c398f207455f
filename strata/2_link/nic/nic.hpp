// Nic: a network interface: floor 2 of a host on one port of floor 1.
//
//       network floor, Arp: a link::User an EtherType
//                  |  ^
//  transmit.cpp    v  |   receive.cpp
//   [neighbours, segmentation, checksum, padding, frame check]   [filter, frame check]
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
#include "strata/2_link/arp/arp.hpp"
#include "strata/2_link/ethernet/header.hpp"
#include "strata/2_link/neighbors/cache.hpp"
#include "strata/2_link/nic/counters.hpp"
#include "strata/2_link/service.hpp"
#include "strata/2_link/user_table.hpp"

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
};

class Nic final : public Service, private physical::PortUser, private NeighborCacheUser, private ArpUser {
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
    void attach(EtherType type, User* user) override { users_.attach(type, user); }
    void send(Packet packet, const IpAddress& next_hop) override;
    void send_to(Packet packet, EtherType type, MacAddress to) override;
    [[nodiscard]] bool ready() const noexcept override { return queue_.size() < options_.queue_ready_max; }
    void confirm_reachable(const IpAddress& next_hop) override { neighbors_.confirm(next_hop); }
    void add_address(const IpAddress& address) override;
    void remove_address(const IpAddress& address) override;
    [[nodiscard]] std::error_code add_proxy(const IpPrefix& network) override;
    void remove_proxy(const IpPrefix& network) override;
    [[nodiscard]] std::error_code join(const IpAddress& group) override;
    void leave(const IpAddress& group) override;
    void attach(IpVersion version, Resolver* resolver) override { neighbors_.attach(version, resolver); }
    [[nodiscard]] NeighborCache* neighbors() noexcept override { return &neighbors_; }
    void visit_counters(const CounterVisitor& visit) const override;

    [[nodiscard]] const NicCounters& counters() const noexcept { return counters_; }
    [[nodiscard]] const Arp& arp() const noexcept { return arp_; }
    [[nodiscard]] Arp& arp() noexcept { return arp_; }

private:
    // physical::PortUser
    void frames_arrived(std::span<Packet> frames) override;
    void port_writable() override;
    void link_changed(bool up) override;
    // NeighborCacheUser
    void resolved(Packet packet, const IpAddress& next_hop, MacAddress to) override;
    void unresolved(Packet packet, const IpAddress& next_hop) override;
    void reachable_again(const IpAddress& next_hop) override;
    // ArpUser
    void address_conflict(const IpAddress& address, MacAddress other) override;
    void address_changed(const IpAddress& address, AddressState state, MacAddress other) override;

    // nic.cpp
    void tell_link(bool up);

    // receive.cpp
    void receive(Packet& frame);
    [[nodiscard]] bool wants(MacAddress destination) const noexcept;
    void deliver(Packet& frame, const EthernetHeader& header);
    void drop_in(const Packet& packet, CounterOf<NicCounters> counter);

    // transmit.cpp
    void send_frame(Packet packet, MacAddress to, EtherType type);
    void send_cut(const Packet& super);
    void finish(Packet& frame);
    void transmit(std::span<Packet> frames);
    void enqueue(std::span<Packet> frames);
    Packet dequeue();
    void flush_queue();
    void count_out(MacAddress to, std::size_t frames, std::size_t octets);
    void drop_out(const Packet& packet, CounterOf<NicCounters> counter);

    Context context_;
    physical::Port& port_;
    const physical::PortFeatures& port_features_;
    NicOptions options_;
    Features features_;
    UserTable users_;
    NeighborCache neighbors_;
    Arp arp_;
    std::map<MacAddress, std::size_t> groups_;  // how many joined groups share this one
    RingQueue<Packet> queue_;
    std::size_t queue_bytes_ = 0;
    bool enabled_ = true;
    bool was_unready_ = false;  // the user may wait for writable()
    std::vector<Packet> cut_;   // the frames of one super-packet
    NicCounters counters_;
};

}  // namespace strata::link
