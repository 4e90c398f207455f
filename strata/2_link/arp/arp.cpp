// Questions and answers (RFC 826).
#include "strata/2_link/arp/arp.hpp"

#include <algorithm>
#include <array>

namespace strata::link {

Arp::Arp(Context context, Service& link, NeighborCache& cache, ArpUser& user, ArpOptions options)
    : context_(context),
      link_(link),
      cache_(cache),
      user_(user),
      options_(options),
      prober_(context, *this, options.probing),
      announcing_([this] { announcements_due(); }) {}

// --- asking

void Arp::solicit(const IpAddress& neighbor) {
    ask(asker_for(neighbor.v4()), neighbor.v4(), {}, MacAddress::broadcast());
}

void Arp::confirm(const IpAddress& neighbor, MacAddress last_known) {
    ask(asker_for(neighbor.v4()), neighbor.v4(), last_known, last_known);
}

void Arp::ask(Ipv4Address asker, Ipv4Address target, MacAddress last_known, MacAddress to) {
    ++counters_.arpOutRequests;
    send({.operation = ArpPacket::Operation::request,
          .sender_mac = link_.mac_address(),
          .sender_ip = asker,
          .target_mac = last_known,
          .target_ip = target},
         to);
}

void Arp::send(const ArpPacket& arp, MacAddress to) {
    Packet packet = Packet::make(context_.pool, link_.features().headroom, ArpPacket::size);
    arp.write(packet.extend(ArpPacket::size));
    link_.send_to(std::move(packet), EtherType::arp, to);
}

// --- hearing

void Arp::deliver(Packet packet, const Arrival&) {
    std::array<std::byte, ArpPacket::size> bytes{};
    const std::size_t size = packet.copy_to(bytes);
    const auto arp = ArpPacket::parse(Bytes{bytes}.first(size));
    if (!arp || arp->sender_mac == link_.mac_address()) {
        ++counters_.arpInErrors;
        return context_.traced(Floor::link, Direction::up, Verdict::dropped, &ArpCounters::arpInErrors, packet);
    }
    const bool is_request = arp->operation == ArpPacket::Operation::request;
    const CounterOf<ArpCounters> counter = is_request ? &ArpCounters::arpInRequests : &ArpCounters::arpInReplies;
    ++(counters_.*counter);
    context_.traced(Floor::link, Direction::up, Verdict::passed, counter, packet);
    if (listener_ != nullptr) listener_->heard(*arp);
    prober_.heard(*arp);
    const auto claimed = std::ranges::find(addresses_, arp->sender_ip, &OwnAddress::address);
    if (claimed != addresses_.end()) return conflict(*claimed, *arp);
    is_request ? request_arrived(*arp) : reply_arrived(*arp, packet);
}

// A request tells us its sender's address too.
void Arp::request_arrived(const ArpPacket& arp) {
    const bool ours = is_ours(arp.target_ip);
    const bool proxied = !ours && is_proxied(arp.target_ip);
    const bool answered = ours || (proxied && stands_in(arp));
    if (!arp.sender_ip.is_any()) cache_.heard(arp.sender_ip, arp.sender_mac, answered);
    if (!answered) {
        if (proxied) ++counters_.arpInProxyRefused;
        return;
    }
    if (proxied) ++counters_.arpOutProxied;
    ++counters_.arpOutReplies;
    send({.operation = ArpPacket::Operation::reply,
          .sender_mac = link_.mac_address(),
          .sender_ip = arp.target_ip,
          .target_mac = arp.sender_mac,
          .target_ip = arp.sender_ip},
         arp.sender_mac);
}

void Arp::reply_arrived(const ArpPacket& arp, const Packet& packet) {
    if (!arp.sender_ip.is_any() && cache_.answered(arp.sender_ip, arp.sender_mac)) return;
    ++counters_.arpInUnasked;
    if (arp.sender_ip.is_any() || !cache_.state_of(arp.sender_ip)) {
        context_.traced(Floor::link, Direction::up, Verdict::dropped, &ArpCounters::arpInUnasked, packet);
    }
}

}  // namespace strata::link
