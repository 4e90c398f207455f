// Frames that arrive: whether they are whole, for us, and for which user.
#include <algorithm>

#include "strata/2_link/ethernet/frame_check.hpp"
#include "strata/2_link/nic/nic.hpp"

namespace strata::link {

void Nic::frames_arrived(std::span<Packet> frames) {
    for (Packet& frame : frames) receive(frame);
    users().for_each([](User& user) { user.burst_ended(); });
}

void Nic::receive(Packet& frame) {
    counters_.ifInOctets += frame.size();
    if (!enabled()) return drop_in(frame, &NicCounters::ifInDiscards);
    if (port_features_.frame_check && !verify_and_remove_frame_check(frame)) {
        return drop_in(frame, &NicCounters::dot3StatsFCSErrors);
    }
    if (!frame.pull(EthernetHeader::size)) return drop_in(frame, &NicCounters::ifInErrors);
    const auto header = EthernetHeader::parse(frame.front());
    if (!header) return drop_in(frame, &NicCounters::ifInErrors);
    if (!wants(header->destination)) return not_for_us(frame, *header);
    deliver(frame, *header);
}

bool Nic::wants(MacAddress destination) const noexcept {
    if (destination == mac_address() || destination.is_broadcast()) return true;
    return destination.is_multicast() && (all_groups_ > 0 || groups_.contains(destination));
}

void Nic::not_for_us(Packet& frame, const EthernetHeader& header) {
    if (header.type == EtherType::mac_control && header.destination == PauseFrame::destination) {
        return control_arrived(frame, header.destination);
    }
    if (observer_ == nullptr) return drop_in(frame, &NicCounters::ifInNotForUs);
    ++counters_.ifInOverheard;
    observer_->overheard(frame, header);
}

void Nic::control_arrived(Packet& frame, MacAddress destination) {
    (void)frame.pull(std::min(frame.size(), EthernetHeader::size + PauseFrame::size));
    flow_control_.arrived(frame.front().subspan(EthernetHeader::size),
                          destination == mac_address() || destination == PauseFrame::destination);
}

void Nic::deliver(Packet& frame, const EthernetHeader& header) {
    const Arrival arrival{.type = header.type,
                          .source = header.source,
                          .broadcast = header.destination.is_broadcast(),
                          .multicast = header.destination.is_multicast() && !header.destination.is_broadcast()};
    User* user = users().find(header.type);
    if (user == nullptr) user = taker_of_others(frame, header, arrival);
    if (user == nullptr) return;
    count_in(arrival);
    context().traced(Floor::link, Direction::up, Verdict::passed, &NicCounters::ifInOctets, frame);
    frame.trim(EthernetHeader::size);
    // A checksum that is still to be completed never met a wire:
    // whoever handed it over vouches for the bytes.
    if (frame.checksum_state() == ChecksumState::partial) frame.set_checksum_state(ChecksumState::verified);
    user->deliver(std::move(frame), arrival);
}

// Of an EtherType that no user has. Null: it is dealt with.
User* Nic::taker_of_others(Packet& frame, const EthernetHeader& header, const Arrival& arrival) {
    if (header.type == EtherType::vlan) return &vlans_;
    if (header.type == EtherType::mac_control) {
        control_arrived(frame, header.destination);
        return nullptr;
    }
    count_in(arrival);
    if (header.type == EtherType::service_vlan) {
        vlans_.drop_stacked(frame);
    } else {
        drop_in(frame, &NicCounters::ifInUnknownProtos);
    }
    return nullptr;
}

void Nic::untagged_arrived(Packet packet, const Arrival& arrival) {
    User* user = users().find(arrival.type);
    if (user == nullptr) return drop_in(packet, &NicCounters::ifInUnknownProtos);
    user->deliver(std::move(packet), arrival);
}

void Nic::drop_in(const Packet& packet, CounterOf<NicCounters> counter) {
    ++(counters_.*counter);
    context().traced(Floor::link, Direction::up, Verdict::dropped, counter, packet);
}

}  // namespace strata::link
