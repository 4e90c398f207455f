#include "strata/2_link/point_to_point/point_to_point.hpp"

#include <utility>

namespace strata::link {

std::error_code PointToPoint::join(const IpAddress& group) {
    return group.is_multicast() ? std::error_code{} : make_error_code(Error::invalid_argument);
}

// ------------------------------------------------------------------------------------------------ the link's state

void PointToPoint::set_enabled(bool enabled) {
    if (std::exchange(enabled_, enabled) == enabled) return;
    if (carrier()) usable_changed(enabled);
    update_link();
    transmit();
}

void PointToPoint::carrier_changed() {
    const bool up = carrier();
    if (enabled_ || !up) usable_changed(up);
    update_link();
    transmit();
}

void PointToPoint::update_link() {
    const bool up = link_up();
    if (std::exchange(told_up_, up) != up) tell_link(up);
}

void PointToPoint::tell_link(bool up) {
    if (!up) drop_queue();
    users_.for_each([&](User& user) { user.link_changed(up); });
    // What waited for a full line can leave also when the link is down: it is taken and lost, and
    // its sender's timers run again.
    if (std::exchange(was_unready_, false) || up) {
        users_.for_each([](User& user) { user.writable(); });
    }
    if (!up) return;
    users_.for_each([](User& user) { user.reachable_again(IpAddress{}); });
}

void PointToPoint::drop_queue() {
    while (!queue_.empty()) drop_out(queue_.pop_front().packet, &PointToPointCounters::ifOutDiscards);
    queue_bytes_ = 0;
}

// ------------------------------------------------------------------------------------------------ down

void PointToPoint::send(Packet packet, const IpAddress& next_hop) {
    send_to(std::move(packet), ether_type_of(next_hop), {});
}

void PointToPoint::send_to(Packet packet, EtherType type, MacAddress) {
    const bool too_long = packet.segmentation() == Segmentation::none ? packet.size() > features_.mtu
                                                                      : packet.size() > features_.super_packet_max;
    if (too_long || !can_carry(type)) return drop_out(packet, &PointToPointCounters::ifOutErrors);
    if (!link_up()) return drop_out(packet, &PointToPointCounters::ifOutDiscards);
    prepare(packet);
    if (queue_bytes_ + packet.memory() > queue_options_.bytes_max / 2) packet.compact();
    const std::size_t bytes = packet.memory();
    if (queue_.size() >= queue_options_.packets_max || queue_bytes_ + bytes > queue_options_.bytes_max) {
        return drop_out(packet, &PointToPointCounters::ifOutDiscards);
    }
    ++counters_.ifOutUcastPkts;
    context_.traced(Floor::link, Direction::down, Verdict::passed, &PointToPointCounters::ifOutUcastPkts, packet);
    queue_bytes_ += bytes;
    queue_.push_back({std::move(packet), type});
    if (!arriving_) fill();
    if (!ready()) was_unready_ = true;
}

std::optional<PointToPoint::Waiting> PointToPoint::next_waiting() {
    if (queue_.empty()) return std::nullopt;
    queue_bytes_ -= queue_.front().packet.memory();
    return queue_.pop_front();
}

void PointToPoint::transmit() {
    if (arriving_) return;
    fill();
    offer_room();
}

void PointToPoint::offer_room() {
    if (!was_unready_ || !ready()) return;
    was_unready_ = false;
    users_.for_each([](User& user) { user.writable(); });
}

void PointToPoint::drop_out(const Packet& packet, CounterOf<PointToPointCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::link, Direction::down, Verdict::dropped, counter, packet);
}

// ------------------------------------------------------------------------------------------------ up

void PointToPoint::arrival_ends() {
    users_.for_each([](User& user) { user.burst_ended(); });
    arriving_ = false;
    transmit();
}

void PointToPoint::deliver(Packet packet, EtherType type) {
    if (!enabled_) return drop_in(packet, &PointToPointCounters::ifInDiscards);
    User* user = users_.find(type);
    if (user == nullptr) return drop_in(packet, &PointToPointCounters::ifInUnknownProtos);
    ++counters_.ifInUcastPkts;
    context_.traced(Floor::link, Direction::up, Verdict::passed, &PointToPointCounters::ifInUcastPkts, packet);
    user->deliver(std::move(packet), {.type = type});
}

void PointToPoint::drop_in(const Packet& packet, CounterOf<PointToPointCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::link, Direction::up, Verdict::dropped, counter, packet);
}

}  // namespace strata::link
