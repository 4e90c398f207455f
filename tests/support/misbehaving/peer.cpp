#include "tests/support/misbehaving/peer.hpp"

#include "strata/2_link/arp/packet.hpp"
#include "strata/2_link/ethernet/header.hpp"

namespace strata::test {

MisbehavingPeer::MisbehavingPeer(Context context, physical::Port& port, Station own, Station host, std::uint64_t seed)
    : context_(context), port_(port), own_(own), host_(host), entropy_(seed), ticks_([this] { tick(); }) {
    port_.attach(this);
    context_.scheduler.arm_after(ticks_, Conversation::tick_interval);
}

MisbehavingPeer::~MisbehavingPeer() { port_.attach(nullptr); }

Conversation& MisbehavingPeer::add(Role role, PortNumber port, PortNumber host_port) {
    const auto number = static_cast<unsigned>(conversations_.size());
    change_at_.push_back({});
    return conversations_.emplace_back(number, role, Endpoint{own_.address, port}, Endpoint{host_.address, host_port},
                                       context_.scheduler, entropy_.next(), static_cast<RawWire&>(*this));
}

void MisbehavingPeer::transmit(Bytes frame) {
    Packet packet = Packet::copy_of(context_.pool, frame);
    (void)port_.transmit({&packet, 1});  // a port that is full loses it, as any wire may
}

void MisbehavingPeer::send(const RawSegment& segment) { transmit(frame_of(segment, own_.mac, host_.mac)); }

void MisbehavingPeer::frames_arrived(std::span<Packet> frames) {
    std::vector<std::byte> memory;
    for (const Packet& frame : frames) {
        const Bytes bytes = flattened(frame, memory);
        const auto segment = read_frame(bytes);
        if (!segment) {
            answer_arp(bytes);
            continue;
        }
        for (Conversation& conversation : conversations_) {
            if (conversation.port() == segment->destination.port) conversation.arrives(*segment);
        }
    }
}

void MisbehavingPeer::answer_arp(Bytes frame) {
    const auto header = link::EthernetHeader::parse(frame);
    if (!header || header->type != link::EtherType::arp) return;
    const auto asked = link::ArpPacket::parse(frame.subspan(link::EthernetHeader::size));
    if (!asked || asked->operation != link::ArpPacket::Operation::request || asked->target_ip != own_.address) return;
    std::vector<std::byte> reply(link::EthernetHeader::frame_min);
    link::EthernetHeader{asked->sender_mac, own_.mac, link::EtherType::arp}.write(reply.data());
    link::ArpPacket{link::ArpPacket::Operation::reply, own_.mac, own_.address, asked->sender_mac, asked->sender_ip}
        .write(reply.data() + link::EthernetHeader::size);
    transmit(reply);
}

void MisbehavingPeer::tick() {
    context_.scheduler.arm_after(ticks_, Conversation::tick_interval);
    if (mixes_) change_habits();
    for (Conversation& conversation : conversations_) conversation.tick();
}

void MisbehavingPeer::change_habits() {
    const Instant now = context_.scheduler.now();
    for (Conversation& conversation : conversations_) {
        Instant& change_at = change_at_[conversation.number()];
        if (now < change_at || !conversation.opened() || conversation.resetting()) continue;
        const auto milliseconds = static_cast<std::int64_t>(100 + entropy_.below(2000));
        change_at = now + Duration{1ms} * milliseconds;
        const auto habit = static_cast<Habit>(entropy_.below(static_cast<std::uint64_t>(Habit::count)));
        const bool for_good = habit == Habit::resets || habit == Habit::vanishes || habit == Habit::fin_early;
        if (!for_good || entropy_.chance(0.3)) conversation.set_habit(habit);
    }
}

void MisbehavingPeer::finish() {
    mixes_ = false;
    for (Conversation& conversation : conversations_) conversation.finish();
}

}  // namespace strata::test
