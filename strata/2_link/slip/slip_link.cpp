#include "strata/2_link/slip/slip_link.hpp"

#include <algorithm>
#include <cassert>

namespace strata::link {

SlipLink::SlipLink(Context context, physical::SerialLine& line, const SlipOptions& options)
    : SerialLink(context, line, {.mtu = options.mtu, .headroom = 0}, options.queue),
      decoder_(std::max(options.receive_max, options.mtu)) {
    assert(line.unit() == physical::SerialUnit::octet);
    update_link();
}

void SlipLink::visit_counters(const CounterVisitor& visit) const {
    SerialLink::visit_counters(visit);
    counters_.for_each(visit);
}

bool SlipLink::append_frame(std::vector<std::byte>& to) {
    const auto waiting = next_waiting();
    if (!waiting) return false;
    append_slip(waiting->packet, to);
    ++counters_.slipOutPackets;
    return true;
}

void SlipLink::octets_received(Bytes octets) {
    for (const std::byte octet : octets) {
        switch (decoder_.push(octet)) {
            case SlipDecoder::Event::none: break;
            case SlipDecoder::Event::packet: packet_arrived(decoder_.packet()); break;
            case SlipDecoder::Event::too_long: drop(&SlipCounters::slipInTooLong); break;
            case SlipDecoder::Event::bad_escape: drop(&SlipCounters::slipInBadEscape); break;
        }
    }
}

void SlipLink::packet_arrived(Bytes packet) {
    const auto version = std::to_integer<unsigned>(packet.front()) >> 4;
    if (version != 4 && version != 6) return drop(&SlipCounters::slipInNotIp);
    ++counters_.slipInPackets;
    deliver(Packet::copy_of(context().pool, packet), version == 4 ? EtherType::ipv4 : EtherType::ipv6);
}

void SlipLink::drop(CounterOf<SlipCounters> counter) {
    ++(counters_.*counter);
    context().traced(Floor::link, Direction::up, Verdict::dropped, counter);
    count_broken();
}

}  // namespace strata::link
