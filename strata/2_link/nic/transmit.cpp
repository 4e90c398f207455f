// Frames that leave: their header, what the port leaves to us, and
// the queue before it (RFC 894, RFC 1122 2.3).
#include <cstring>

#include "strata/2_link/ethernet/frame_check.hpp"
#include "strata/2_link/nic/nic.hpp"
#include "strata/2_link/offload/cut_super_frame.hpp"

namespace strata::link {

void Nic::send_frame(Packet packet, MacAddress to, EtherType type) {
    if (!link_up()) return drop_out(packet, &NicCounters::ifOutDiscards);
    std::byte* header = packet.push_or_grow(EthernetHeader::size);
    EthernetHeader{to, mac_address(), type}.write(header);
    if (packet.segmentation() != Segmentation::none &&
        (packet.size() > port_features_.super_frame_max + EthernetHeader::size || port_features_.frame_check)) {
        return send_cut(packet);
    }
    finish(packet);
    count_out(to, 1, packet.size());
    context().traced(Floor::link, Direction::down, Verdict::passed, &NicCounters::ifOutOctets, packet);
    transmit(std::span{&packet, 1});
}

void Nic::send_cut(const Packet& super) {
    cut_.clear();
    if (cut_super_frame(super, !port_features_.checksum_offload, cut_)) {
        return drop_out(super, &NicCounters::ifOutErrors);
    }
    std::size_t octets = 0;
    for (Packet& frame : cut_) {
        finish(frame);
        octets += frame.size();
        context().traced(Floor::link, Direction::down, Verdict::passed, &NicCounters::ifOutOctets, frame);
    }
    count_out(MacAddress::load(super.front().data()), cut_.size(), octets);
    transmit(cut_);
    cut_.clear();
}

// What the port leaves to us, in this order: a checksum covers no
// padding, a frame check sequence does.
void Nic::finish(Packet& frame) {
    if (!port_features_.checksum_offload) frame.complete_checksum();
    if (frame.size() < EthernetHeader::frame_min) {
        const std::size_t missing = EthernetHeader::frame_min - frame.size();
        std::memset(frame.extend(missing), 0, missing);
    }
    if (port_features_.frame_check) append_frame_check(frame);
}

void Nic::transmit(std::span<Packet> frames) {
    if (queue_.empty() && !paused()) frames = frames.subspan(port_.transmit(frames));
    if (!frames.empty()) enqueue(frames);
}

void Nic::enqueue(std::span<Packet> frames) {
    for (Packet& frame : frames) {
        if (queue_bytes_ + frame.memory() > options_.queue_bytes_max / 2) frame.compact();
        const std::size_t bytes = frame.memory();
        if (queue_.size() >= options_.queue_frames_max || queue_bytes_ + bytes > options_.queue_bytes_max) {
            drop_out(frame, &NicCounters::ifOutDiscards);
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
    flow_control_.port_writable();
    offer_room();
}

void Nic::pause_ended() { offer_room(); }

// What the port took before a pause leaves; we stop between frames (IEEE 802.3 31B.3).
void Nic::offer_room() {
    if (paused()) return;
    flush_queue();
    if (was_unready_ && ready()) {
        was_unready_ = false;
        tell_writable();
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

bool Nic::send_pause(PauseFrame pause) {
    if (!link_up()) return false;
    Packet frame = Packet::make(context().pool, EthernetHeader::size, EthernetHeader::frame_min);
    pause.write(frame.extend(PauseFrame::size));
    EthernetHeader{PauseFrame::destination, mac_address(), EtherType::mac_control}.write(
        frame.push(EthernetHeader::size));
    finish(frame);
    const std::size_t octets = frame.size();
    if (port_.transmit(std::span{&frame, 1}) == 0) return false;
    counters_.ifOutOctets += octets;
    return true;
}

void Nic::count_out(MacAddress to, std::size_t frames, std::size_t octets) {
    counters_.ifOutOctets += octets;
    (to.is_broadcast()   ? counters_.ifOutBroadcastPkts
     : to.is_multicast() ? counters_.ifOutMulticastPkts
                         : counters_.ifOutUcastPkts) += frames;
}

void Nic::not_sent(const Packet& packet, Unsent why) {
    drop_out(packet, why == Unsent::too_long ? &NicCounters::ifOutErrors : &NicCounters::ifOutDiscards);
}

void Nic::drop_out(const Packet& packet, CounterOf<NicCounters> counter) {
    ++(counters_.*counter);
    context().traced(Floor::link, Direction::down, Verdict::dropped, counter, packet);
}

}  // namespace strata::link
