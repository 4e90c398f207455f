// The peer of the fuzzed host: it is at the other end of the port, reads what the host sends,
// and makes frames that fit.
//
//     host  -- transmit() -->  Peer: learns ISNs, acknowledgments, timestamps, what was asked by ARP
//     host  <-- frames ------  Peer: segments of a flow, datagrams, ICMP errors that quote the host's own packets, ARP
//
// A *flow* is one pair of endpoints, whatever the host knows of it at the moment.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "strata/0_foundation/scheduler.hpp"
#include "strata/1_physical/port.hpp"
#include "strata/2_link/arp/packet.hpp"
#include "strata/3_network/service.hpp"
#include "strata/4_transport/tcp/segment/segment.hpp"

namespace strata::fuzz {

namespace tcp = transport::tcp;

inline constexpr Ipv4Address our_address{10, 0, 0, 1};
inline constexpr Ipv4Address peer_address{10, 0, 0, 2};
inline constexpr MacAddress our_mac{{2, 0, 0, 0, 0, 1}};
inline constexpr MacAddress peer_mac{{2, 0, 0, 0, 0, 2}};

struct Flow {
    PortNumber our_port{};
    PortNumber peer_port{};
    // What the peer has sent.
    tcp::SequenceNumber iss{0x10000};
    tcp::SequenceNumber nxt{0x10000};
    std::uint16_t window = 0xffff;
    bool timestamps = false;
    std::chrono::milliseconds clock_shift{};  // of its timestamps, against the time that it is
    // What the host has sent, as far as was seen.
    bool heard = false;
    tcp::SequenceNumber host_iss;
    tcp::SequenceNumber host_nxt;
    tcp::ControlBits host_control;  // of its newest segment
    std::uint32_t host_clock = 0;
    std::vector<std::byte> quoted;  // IP header and 8 bytes of its newest segment
    tcp::SequenceNumber acked;      // what the peer has acknowledged
};

class Peer final : public physical::Port {
public:
    Peer(Scheduler& scheduler, const physical::PortFeatures& features);

    // --- physical::Port
    [[nodiscard]] const physical::PortFeatures& features() const noexcept override { return features_; }
    [[nodiscard]] bool link_up() const noexcept override { return up_; }
    void attach(physical::PortUser* user) noexcept override { user_ = user; }
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override;
    [[nodiscard]] bool writable() const noexcept override { return room_ > 0; }

    // --- the cable
    void set_room(std::size_t frames) { room_ = frames; }
    void has_room();
    void set_link(bool up);
    // The next `frames` frames arrive as one burst.
    void begin_burst(std::size_t frames) { burst_size_ = frames; }
    void end_burst();
    // Whether it answers what the host asks by ARP.
    void set_answers(bool answers) { answers_ = answers; }
    // Answers what was asked since the last time. False if there was nothing.
    bool answer_arp();
    [[nodiscard]] std::size_t frames_seen() const noexcept { return frames_seen_; }

    // --- what the peer sends
    // With its frame check sequence where the port has one; a raw frame comes as it is.
    void send_frame(Bytes frame, bool raw = false);
    void send_ip(std::uint8_t protocol, std::vector<std::byte> payload, std::size_t checksum_field);
    // Beginning with its IP header, of which only the checksum is made right.
    void send_packet(std::vector<std::byte> packet);
    void send_segment(const Flow& flow, tcp::HeaderFields fields, tcp::SegmentOptions options, Bytes payload);
    void send_arp(const link::ArpPacket& packet, MacAddress to);
    // The options that every segment of the flow carries.
    [[nodiscard]] tcp::SegmentOptions options_of(const Flow& flow) const;

    static constexpr std::size_t flows_max = 8;
    std::array<Flow, flows_max> flows;
    std::vector<std::byte> other;  // the host's newest packet that is not TCP, from its IP header on
    PacketPool* pool = nullptr;    // the host's, which arriving frames are read into

private:
    void read(Bytes frame);
    void read_segment(Bytes ip);

    Scheduler& scheduler_;
    physical::PortFeatures features_;
    physical::PortUser* user_ = nullptr;
    bool up_ = true;
    bool answers_ = true;
    std::size_t room_ = static_cast<std::size_t>(-1);
    std::size_t burst_size_ = 0;
    std::vector<Packet> burst_;
    std::vector<link::ArpPacket> asked_;
    std::size_t frames_seen_ = 0;
};

}  // namespace strata::fuzz
