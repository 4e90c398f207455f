#include "strata/2_link/nic.hpp"

#include <algorithm>

#include "strata/2_link/frame_check.hpp"
#include "strata/2_link/segmentation_offload.hpp"

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
      features_{
          .mtu = options_.mtu, .headroom = EthernetHeader::size, .checksum_offload = true, .super_packet_max = 65535},
      neighbors_(context, *this, options.mac_address, options.neighbors) {
    port_.attach(this);
}

Nic::~Nic() { port_.attach(nullptr); }

MacAddress Nic::random_mac(Entropy& entropy) {
    std::array<std::uint8_t, MacAddress::size> octets{};
    entropy.fill(std::as_writable_bytes(std::span{octets}));
    octets[0] = static_cast<std::uint8_t>((octets[0] & 0xfc) | 0x02);
    return MacAddress{octets};
}

// --- going down

void Nic::send(Packet packet, Ipv4Address next_hop) {
    if (packet.segmentation() == Segmentation::none && packet.size() > features_.mtu) {
        return drop_out(packet, counters_.ifOutErrors, "ifOutErrors");
    }
    if (const MacAddress* to = neighbors_.find(next_hop)) return send_frame(std::move(packet), *to, EtherType::ipv4);
    if (next_hop.is_broadcast()) return send_frame(std::move(packet), MacAddress::broadcast(), EtherType::ipv4);
    if (next_hop.is_multicast()) return send_frame(std::move(packet), multicast_mac(next_hop), EtherType::ipv4);
    if (!link_up()) return drop_out(packet, counters_.ifOutDiscards, "ifOutDiscards");
    neighbors_.wait_for(next_hop, std::move(packet));
}

void Nic::send_arp(const ArpPacket& arp, MacAddress to) {
    Packet packet = Packet::make(context_.pool, EthernetHeader::size, EthernetHeader::frame_min);
    arp.write(packet.extend(ArpPacket::size));
    send_frame(std::move(packet), to, EtherType::arp);
}

void Nic::send_frame(Packet packet, MacAddress to, EtherType type) {
    if (!link_up()) return drop_out(packet, counters_.ifOutDiscards, "ifOutDiscards");
    std::byte* header = packet.push_or_grow(EthernetHeader::size);
    EthernetHeader{to, options_.mac_address, type}.write(header);
    if (packet.segmentation() != Segmentation::none &&
        (packet.size() > port_features_.super_frame_max + EthernetHeader::size || port_features_.frame_check)) {
        return send_cut(packet);
    }
    finish(packet);
    count_out(to, 1, packet.size());
    context_.traced(Floor::link, Direction::down, Verdict::passed, "ifOutOctets", packet);
    transmit(std::span{&packet, 1});
}

void Nic::send_cut(const Packet& super) {
    cut_.clear();
    if (cut_super_frame(super, !port_features_.checksum_offload, cut_)) {
        return drop_out(super, counters_.ifOutErrors, "ifOutErrors");
    }
    std::size_t octets = 0;
    for (Packet& frame : cut_) {
        finish(frame);
        octets += frame.size();
        context_.traced(Floor::link, Direction::down, Verdict::passed, "ifOutOctets", frame);
    }
    count_out(MacAddress::load(super.front().data()), cut_.size(), octets);
    transmit(cut_);
    cut_.clear();
}

// What the port leaves to us, in this order: a checksum covers no padding, a frame check sequence does.
void Nic::finish(Packet& frame) {
    if (!port_features_.checksum_offload) frame.complete_checksum();
    if (frame.size() < EthernetHeader::frame_min) {
        const std::size_t missing = EthernetHeader::frame_min - frame.size();
        std::memset(frame.extend(missing), 0, missing);
    }
    if (port_features_.frame_check) append_frame_check(frame);
}

void Nic::transmit(std::span<Packet> frames) {
    if (queue_.empty()) frames = frames.subspan(port_.transmit(frames));
    if (!frames.empty()) enqueue(frames);
}

void Nic::enqueue(std::span<Packet> frames) {
    for (Packet& frame : frames) {
        if (queue_bytes_ + frame.memory() > options_.queue_bytes_max / 2) frame.compact();
        const std::size_t bytes = frame.memory();
        if (queue_.size() >= options_.queue_frames_max || queue_bytes_ + bytes > options_.queue_bytes_max) {
            drop_out(frame, counters_.ifOutDiscards, "ifOutDiscards");
        } else {
            queue_bytes_ += bytes;
            queue_.push_back(std::move(frame));
        }
    }
    if (queue_.size() >= options_.queue_ready_max) was_unready_ = true;
}

Packet Nic::dequeue() {
    Packet frame = queue_.pop_front();
    if (frame) queue_bytes_ -= frame.memory();
    return frame;
}

void Nic::port_writable() {
    flush_queue();
    if (was_unready_ && ready()) {
        was_unready_ = false;
        if (user_ != nullptr) user_->writable();
    }
}

void Nic::flush_queue() {
    while (!queue_.empty()) {
        const std::size_t run = queue_.front_run();
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < run; ++i) bytes += queue_[i].memory();
        const std::size_t taken = port_.transmit(std::span{&queue_.front(), run});
        for (std::size_t i = taken; i < run; ++i) bytes -= queue_[i].memory();
        queue_bytes_ -= bytes;
        for (std::size_t i = 0; i < taken; ++i) (void)queue_.pop_front();
        if (taken < run) return;
    }
}

// --- going up

void Nic::frames_arrived(std::span<Packet> frames) {
    for (Packet& frame : frames) receive(frame);
    if (user_ != nullptr) user_->burst_ended();
}

void Nic::receive(Packet& frame) {
    counters_.ifInOctets += frame.size();
    if (!enabled_) return drop_in(frame, counters_.ifInDiscards, "ifInDiscards");
    if (port_features_.frame_check && !verify_and_remove_frame_check(frame)) {
        return drop_in(frame, counters_.dot3StatsFCSErrors, "dot3StatsFCSErrors");
    }
    if (!frame.pull(EthernetHeader::size)) return drop_in(frame, counters_.ifInErrors, "ifInErrors");
    const auto header = EthernetHeader::parse(frame.front());
    if (!header) return drop_in(frame, counters_.ifInErrors, "ifInErrors");
    if (!wants(header->destination)) return drop_in(frame, counters_.ifInNotForUs, "ifInNotForUs");
    deliver(frame, *header);
}

bool Nic::wants(MacAddress destination) const noexcept {
    if (destination == options_.mac_address || destination.is_broadcast()) return true;
    return destination.is_multicast() && groups_.contains(destination);
}

void Nic::deliver(Packet& frame, const EthernetHeader& header) {
    const Arrival arrival{.type = header.type,
                          .source = header.source,
                          .broadcast = header.destination.is_broadcast(),
                          .multicast = header.destination.is_multicast() && !header.destination.is_broadcast()};
    ++(arrival.broadcast   ? counters_.ifInBroadcastPkts
       : arrival.multicast ? counters_.ifInMulticastPkts
                           : counters_.ifInUcastPkts);
    if (header.type != EtherType::ipv4 && header.type != EtherType::arp) {
        return drop_in(frame, counters_.ifInUnknownProtos, "ifInUnknownProtos");
    }
    context_.traced(Floor::link, Direction::up, Verdict::passed, "ifInOctets", frame);
    frame.trim(EthernetHeader::size);
    // A checksum that is still to be completed never met a wire: whoever handed it over vouches for the bytes.
    if (frame.checksum_state() == ChecksumState::partial) frame.set_checksum_state(ChecksumState::verified);
    if (header.type == EtherType::arp) return neighbors_.arrived(frame);
    if (user_ == nullptr) return drop_in(frame, counters_.ifInDiscards, "ifInDiscards");
    user_->deliver(std::move(frame), arrival);
}

void Nic::link_changed(bool up) {
    if (enabled_) tell_link(up);
}

void Nic::set_enabled(bool enabled) {
    if (std::exchange(enabled_, enabled) != enabled && port_.link_up()) tell_link(enabled);
}

void Nic::tell_link(bool up) {
    if (up) {
        neighbors_.announce_all();
    } else {
        neighbors_.forget_all();
        while (!queue_.empty()) drop_out(dequeue(), counters_.ifOutDiscards, "ifOutDiscards");
    }
    if (user_ == nullptr) return;
    user_->link_changed(up);
    // What waited for a full port can go also when the link went down: it is taken and lost, and whoever sent it hears of time again.
    if (std::exchange(was_unready_, false) || up) user_->writable();
    if (up) user_->reachable_again(Ipv4Address::any());
}

void Nic::unresolved(Packet packet, Ipv4Address next_hop) {
    context_.traced(Floor::link, Direction::down, Verdict::dropped, "arpUnresolved", packet);
    if (user_ != nullptr) user_->unreachable(std::move(packet), next_hop);
}

void Nic::reachable_again(Ipv4Address next_hop) {
    if (user_ != nullptr) user_->reachable_again(next_hop);
}

void Nic::address_conflict(Ipv4Address address, MacAddress other) {
    if (user_ != nullptr) user_->address_conflict(address, other);
}

// --- groups

void Nic::join(Ipv4Address group) {
    const MacAddress mac = multicast_mac(group);
    if (groups_.contains(mac) || groups_.size() < options_.groups_max) ++groups_[mac];
}

void Nic::leave(Ipv4Address group) {
    const auto found = groups_.find(multicast_mac(group));
    if (found != groups_.end() && --found->second == 0) groups_.erase(found);
}

// --- counting

void Nic::count_out(MacAddress to, std::size_t frames, std::size_t octets) {
    counters_.ifOutOctets += octets;
    (to.is_broadcast()   ? counters_.ifOutBroadcastPkts
     : to.is_multicast() ? counters_.ifOutMulticastPkts
                         : counters_.ifOutUcastPkts) += frames;
}

void Nic::drop_out(const Packet& packet, std::uint64_t& counter, std::string_view reason) {
    ++counter;
    context_.traced(Floor::link, Direction::down, Verdict::dropped, reason, packet);
}

void Nic::drop_in(const Packet& packet, std::uint64_t& counter, std::string_view reason) {
    ++counter;
    context_.traced(Floor::link, Direction::up, Verdict::dropped, reason, packet);
}

}  // namespace strata::link
