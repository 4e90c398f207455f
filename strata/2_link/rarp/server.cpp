#include "strata/2_link/rarp/server.hpp"

#include <array>

namespace strata::link {

RarpServer::RarpServer(Context context, Service& link, Ipv4Address own, RarpServerOptions options)
    : context_(context), link_(link), own_(own), options_(options) {
    link_.attach(EtherType::rarp, this);
}

RarpServer::~RarpServer() { link_.attach(EtherType::rarp, nullptr); }

// A machine that stays keeps its pace: a table that is read again and again lets nobody ask more.
void RarpServer::set_table(const RarpTable& table) {
    std::unordered_map<MacAddress, Machine> machines;
    machines.reserve(table.size());
    for (const auto& [mac, address] : table.addresses()) {
        const auto known = machines_.find(mac);
        Machine machine = known == machines_.end() ? Machine{} : known->second;
        machine.address = address;
        machines.emplace(mac, machine);
    }
    machines_ = std::move(machines);
}

void RarpServer::deliver(Packet packet, const Arrival& arrival) {
    std::array<std::byte, ArpPacket::size> bytes{};
    const std::size_t size = packet.copy_to(bytes);
    const auto request = ArpPacket::parse_reverse(Bytes{bytes}.first(size));
    if (!request || request->operation != ArpPacket::Operation::reverse_request || request->target_mac.is_zero() ||
        request->target_mac.is_multicast()) {
        return drop(packet, &RarpServerCounters::rarpInErrors);
    }
    ++counters_.rarpInRequests;
    // The answer goes to who says that it asked: nobody shall say it for another.
    if (request->sender_mac != arrival.source) return drop(packet, &RarpServerCounters::rarpInForged);
    const auto machine = machines_.find(request->target_mac);
    if (machine == machines_.end()) return drop(packet, &RarpServerCounters::rarpInUnknown);
    Pace& pace = request->sender_mac == request->target_mac ? machine->second.itself : machine->second.others;
    if (!pace.allow(context_.scheduler.now(), options_.answer_interval, options_.burst_max)) {
        return drop(packet, &RarpServerCounters::rarpInLimited);
    }
    context_.traced(Floor::link, Direction::up, Verdict::passed, &RarpServerCounters::rarpInRequests, packet);
    answer(*request, machine->second);
}

// RFC 903: to the one that asked alone, who may ask for another machine.
void RarpServer::answer(const ArpPacket& request, const Machine& machine) {
    ++counters_.rarpOutReplies;
    Packet packet = Packet::make(context_.pool, link_.features().headroom, ArpPacket::size);
    ArpPacket{.operation = ArpPacket::Operation::reverse_reply,
              .sender_mac = link_.mac_address(),
              .sender_ip = own_,
              .target_mac = request.target_mac,
              .target_ip = machine.address}
        .write(packet.extend(ArpPacket::size));
    link_.send_to(std::move(packet), EtherType::rarp, request.sender_mac);
}

void RarpServer::drop(const Packet& packet, CounterOf<RarpServerCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::link, Direction::up, Verdict::dropped, counter, packet);
}

}  // namespace strata::link
