#include "peer.hpp"

#include <algorithm>

#include "strata/0_foundation/checksum.hpp"
#include "strata/2_link/ethernet/frame_check.hpp"
#include "strata/4_transport/segment_checksum.hpp"

namespace strata::fuzz {
namespace {

constexpr std::size_t ethernet_size = 14;
constexpr std::size_t ip_size = 20;

void write_ethernet(std::byte* to, MacAddress destination, std::uint16_t type) {
    destination.store(to);
    peer_mac.store(to + 6);
    store_be16(to + 12, type);
}

void write_ip(std::byte* to, std::uint8_t protocol, std::size_t payload_size) {
    store_u8(to, 0x45);
    store_be16(to + 2, static_cast<std::uint16_t>(ip_size + payload_size));
    store_u8(to + 8, 64);
    store_u8(to + 9, protocol);
    peer_address.store(to + 12);
    our_address.store(to + 16);
    store_be16(to + 10, internet_checksum(Bytes(to, ip_size)));
}

}  // namespace

Peer::Peer(Scheduler& scheduler, const physical::PortFeatures& features) : scheduler_(scheduler), features_(features) {
    for (std::size_t i = 0; i < flows.size(); ++i) {
        // The first six are opened by the peer, three a listener; the last two by the host.
        flows[i].our_port = PortNumber{static_cast<std::uint16_t>(i < 3 ? 80 : i < 6 ? 81 : 4000 + i)};
        flows[i].peer_port = PortNumber{static_cast<std::uint16_t>(i < 6 ? 5000 + i : 90)};
    }
}

// ------------------------------------------------------------------------------------------------ what the host sends

std::size_t Peer::transmit(std::span<Packet> frames) {
    std::size_t taken = 0;
    for (; taken < frames.size() && room_ > 0; ++taken) {
        if (room_ != static_cast<std::size_t>(-1)) --room_;
        ++frames_seen_;
        std::vector<std::byte> bytes(frames[taken].size());
        frames[taken].copy_to(bytes);
        frames[taken].reset();
        if (up_) read(bytes);
    }
    return taken;
}

void Peer::read(Bytes frame) {
    if (frame.size() < ethernet_size) return;
    const std::uint16_t type = load_be16(frame.data() + 12);
    const Bytes body = frame.subspan(ethernet_size);
    if (type == 0x0806) {
        const auto arp = link::ArpPacket::parse(body);
        if (arp && arp->operation == link::ArpPacket::Operation::request && arp->target_ip == peer_address)
            asked_.push_back(*arp);
    } else if (type == 0x0800 && body.size() >= ip_size + 8) {
        if (load_u8(body.data() + 9) == 6) return read_segment(body);
        const Bytes packet = body.first(std::min<std::size_t>(load_be16(body.data() + 2), body.size()));
        other.assign(packet.begin(), packet.end());
    }
}

void Peer::read_segment(Bytes ip) {
    const Bytes segment = ip.subspan(ip_size, std::min<std::size_t>(load_be16(ip.data() + 2), ip.size()) - ip_size);
    const auto header = tcp::HeaderView::of(segment);
    if (!header) return;
    const auto flow = std::ranges::find_if(flows, [&](const Flow& each) {
        return each.our_port == header->source_port() && each.peer_port == header->destination_port();
    });
    if (flow == flows.end()) return;
    const tcp::ControlBits control = header->control_bits();
    flow->host_control = control;
    flow->quoted.assign(ip.begin(), ip.begin() + ip_size + 8);
    if (control.has(tcp::ControlBits::rst)) return;
    const bool syn = control.has(tcp::ControlBits::syn);
    if (syn && (!flow->heard || flow->host_iss != header->sequence())) {
        flow->heard = true;
        flow->host_iss = flow->host_nxt = flow->acked = header->sequence();
    }
    const auto length = static_cast<std::uint32_t>(segment.size() - header->size());
    const tcp::SequenceNumber end =
        header->sequence() + length + (syn ? 1u : 0u) + (control.has(tcp::ControlBits::fin) ? 1u : 0u);
    flow->host_nxt = later_of(flow->host_nxt, end);
    if (control.has(tcp::ControlBits::ack)) flow->nxt = later_of(flow->nxt, header->acknowledgment());
    if (const auto options = tcp::SegmentOptions::parse(header->options()); options.timestamps)
        flow->host_clock = options.timestamps->value;
}

bool Peer::answer_arp() {
    const auto asked = std::exchange(asked_, {});
    if (!answers_) return false;
    for (const link::ArpPacket& request : asked) {
        send_arp({link::ArpPacket::Operation::reply, peer_mac, peer_address, request.sender_mac, request.sender_ip},
                 request.sender_mac);
    }
    return !asked.empty();
}

// ------------------------------------------------------------------------------------------------ the cable

void Peer::has_room() {
    room_ = static_cast<std::size_t>(-1);
    user_->port_writable();
}

void Peer::set_link(bool up) {
    if (std::exchange(up_, up) != up) user_->link_changed(up);
}

void Peer::end_burst() {
    burst_size_ = 0;
    auto frames = std::exchange(burst_, {});
    if (!frames.empty()) user_->frames_arrived(frames);
}

// ------------------------------------------------------------------------------------------------ what the peer sends

void Peer::send_frame(Bytes frame, bool raw) {
    if (!up_) return;
    burst_.push_back(Packet::copy_of(*pool, frame));
    if (features_.frame_check && !raw) link::append_frame_check(burst_.back());
    if (burst_.size() >= burst_size_) end_burst();
}

void Peer::send_ip(std::uint8_t protocol, std::vector<std::byte> payload, std::size_t checksum_field) {
    std::vector<std::byte> frame(ethernet_size + ip_size + payload.size());
    write_ethernet(frame.data(), our_mac, 0x0800);
    write_ip(frame.data() + ethernet_size, protocol, payload.size());
    if (payload.size() >= checksum_field + 2) {
        store_be16(payload.data() + checksum_field, 0);
        ChecksumSum sum;
        if (protocol != 1)
            sum.add_sum(transport::pseudo_header_sum(peer_address, our_address,
                                                     static_cast<network::Protocol>(protocol), payload.size()));
        sum.add(payload);
        store_be16(payload.data() + checksum_field, sum.checksum());
    }
    std::ranges::copy(payload, frame.begin() + ethernet_size + ip_size);
    send_frame(frame);
}

void Peer::send_packet(std::vector<std::byte> packet) {
    const std::size_t size = packet.empty() ? 0 : (load_u8(packet.data()) & 0xfu) * std::size_t{4};
    if (size >= ip_size && size <= packet.size()) {
        store_be16(packet.data() + 10, 0);
        store_be16(packet.data() + 10, internet_checksum(Bytes(packet).first(size)));
    }
    std::vector<std::byte> frame(ethernet_size + packet.size());
    write_ethernet(frame.data(), our_mac, 0x0800);
    std::ranges::copy(packet, frame.begin() + ethernet_size);
    send_frame(frame);
}

void Peer::send_segment(const Flow& flow, tcp::HeaderFields fields, tcp::SegmentOptions options, Bytes payload) {
    fields.source_port = flow.peer_port;
    fields.destination_port = flow.our_port;
    fields.wnd = flow.window;
    options.sack.limit(options.timestamps ? 3 : 4);
    const std::size_t header_size = tcp::HeaderView::size_min + options.size();
    std::vector<std::byte> segment(header_size + payload.size());
    fields.write(segment.data(), header_size);
    options.write(segment.data() + tcp::HeaderView::size_min);
    std::ranges::copy(payload, segment.begin() + static_cast<std::ptrdiff_t>(header_size));
    send_ip(6, std::move(segment), tcp::HeaderView::checksum_field);
}

tcp::SegmentOptions Peer::options_of(const Flow& flow) const {
    tcp::SegmentOptions options;
    if (flow.timestamps) {
        const auto ticks = static_cast<std::uint32_t>((scheduler_.now().time_since_epoch() + flow.clock_shift) / 1ms);
        options.timestamps = tcp::Timestamps{ticks + 77, flow.host_clock};
    }
    return options;
}

void Peer::send_arp(const link::ArpPacket& packet, MacAddress to) {
    std::vector<std::byte> frame(ethernet_size + 46);
    write_ethernet(frame.data(), to, 0x0806);
    packet.write(frame.data() + ethernet_size);
    send_frame(frame);
}

}  // namespace strata::fuzz
