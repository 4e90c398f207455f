#include "strata/3_network/fragmentation/reassembly.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "strata/0_foundation/ip_sizes.hpp"

namespace strata::network {

std::size_t Reassembly::Hash::operator()(const DatagramId& id) const noexcept {
    std::array<std::byte, 2 * IpAddress::size + 5> bytes{};
    id.source.store(bytes.data());
    id.destination.store(bytes.data() + IpAddress::size);
    store_be32(bytes.data() + 2 * IpAddress::size, id.identification);
    store_u8(bytes.data() + 2 * IpAddress::size + 4, static_cast<std::uint8_t>(id.protocol));
    return static_cast<std::size_t>(siphash(key, bytes));
}

Reassembly::Reassembly(Context context, ReassemblyUser& user, const ReassemblyOptions& options)
    : context_(context),
      user_(user),
      options_(options),
      waiting_(0, Hash{SipKey::random(context.entropy)}),
      sources_(0, AddressHash{SipKey::random(context.entropy)}),
      timer_([this] { expire(); }) {
    options_.datagrams_max = std::max<std::size_t>(options_.datagrams_max, 1);
}

// The lists point into the tables, so they are emptied first.
Reassembly::~Reassembly() {
    by_age_.clear();
    for (auto& [address, source] : sources_) source.waiting.clear();
}

std::optional<Reassembly::Whole> Reassembly::add(Packet fragment, const Fragment& facts) {
    ++counters_.ipReasmReqds;
    if (!is_possible(fragment, facts)) {
        ++counters_.ipReasmFails;
        drop(fragment, &ReassemblyCounters::ipReasmMalformed);
        return std::nullopt;
    }
    Waiting& waiting = waiting_for(facts);
    if (waiting.abandoned) {
        drop(fragment, &ReassemblyCounters::ipReasmAbandoned);
        return std::nullopt;
    }
    take(waiting, std::move(fragment), facts);
    if (!keep_within_bounds(waiting) || !waiting.data.whole()) return std::nullopt;
    return complete(waiting);
}

// RFC 791 3.2: all but the last are whole units long; and none is empty, or ends where no packet
// can ("ping of death").
bool Reassembly::is_possible(const Packet& fragment, const Fragment& facts) noexcept {
    const std::size_t size = fragment.size() - facts.header_size;
    if (size == 0 || (facts.more && size % fragment_unit != 0)) return false;
    return facts.header_size + facts.offset + size <= ip_packet_max;
}

Reassembly::Waiting& Reassembly::waiting_for(const Fragment& facts) {
    if (latest_ != nullptr && latest_->id == facts.datagram) return *latest_;
    const auto found = waiting_.find(facts.datagram);
    latest_ = found != waiting_.end() ? &found->second : &create(facts);
    return *latest_;
}

Reassembly::Waiting& Reassembly::create(const Fragment& facts) {
    const auto known = sources_.find(facts.datagram.source);
    if (known != sources_.end() && known->second.waiting.size() >= options_.source_datagrams_max) {
        make_room(known->second.waiting.front(), &ReassemblyCounters::ipReasmSourceFull);
    } else if (waiting_.size() >= options_.datagrams_max) {
        make_room(by_age_.front(), &ReassemblyCounters::ipReasmEvictions);
    }
    Source& source = sources_[facts.datagram.source];  // after that: the last of its datagrams takes it along
    source.address = facts.datagram.source;
    Waiting& waiting = waiting_[facts.datagram];
    waiting.id = facts.datagram;
    waiting.source = &source;
    waiting.deadline = saturating_add(context_.scheduler.now(), options_.time_limit);
    by_age_.push_back(waiting);
    source.waiting.push_back(waiting);
    account(waiting, sizeof(Waiting) + sizeof(Source));
    if (!timer_.armed()) context_.scheduler.arm(timer_, waiting.deadline);
    return waiting;
}

void Reassembly::take(Waiting& waiting, Packet fragment, const Fragment& facts) {
    waiting.non_unicast = waiting.non_unicast || facts.non_unicast;
    if (waiting.data.fragments() >= options_.fragments_max) {
        return abandon(waiting, &ReassemblyCounters::ipReasmTooMany);
    }
    switch (waiting.data.add(std::move(fragment), facts)) {
        case PartialDatagram::Verdict::kept: break;
        case PartialDatagram::Verdict::duplicate: ++counters_.ipReasmDuplicates; break;
        case PartialDatagram::Verdict::contradiction: return abandon(waiting, &ReassemblyCounters::ipReasmOverlaps);
    }
    account(waiting, sizeof(Waiting) + sizeof(Source) + waiting.data.memory());
}

// False: the datagram itself had to make room.
bool Reassembly::keep_within_bounds(Waiting& added) {
    Source& source = *added.source;
    while (source.memory > options_.source_memory_max) {
        Waiting& oldest = source.waiting.front();
        const bool itself = &oldest == &added;
        make_room(oldest, &ReassemblyCounters::ipReasmSourceFull);
        if (itself) return false;
    }
    while (memory_ > options_.memory_max) {
        Waiting& oldest = by_age_.front();
        const bool itself = &oldest == &added;
        make_room(oldest, &ReassemblyCounters::ipReasmEvictions);
        if (itself) return false;
    }
    return true;
}

std::optional<Reassembly::Whole> Reassembly::complete(Waiting& waiting) {
    const auto ecn = waiting.data.ecn();
    if (!ecn) {
        abandon(waiting, &ReassemblyCounters::ipReasmEcnErrors);
        return std::nullopt;
    }
    Whole whole{.packet = waiting.data.take_whole(), .ecn = *ecn};
    // The first fragment's header may be longer than those of the others were.
    if (!whole.packet || whole.packet.size() > ip_packet_max) {
        abandon(waiting, &ReassemblyCounters::ipReasmTooLong);
        return std::nullopt;
    }
    erase(waiting);
    ++counters_.ipReasmOKs;
    return whole;
}

void Reassembly::abandon(Waiting& waiting, CounterOf<ReassemblyCounters> reason) {
    ++counters_.ipReasmFails;
    ++(counters_.*reason);
    context_.traced(Floor::network, Direction::up, Verdict::dropped, reason);
    waiting.abandoned = true;
    waiting.data.forget();
    account(waiting, sizeof(Waiting) + sizeof(Source));
}

void Reassembly::make_room(Waiting& oldest, CounterOf<ReassemblyCounters> reason) {
    // What was given up was counted then.
    if (!oldest.abandoned) abandon(oldest, reason);
    erase(oldest);
}

void Reassembly::erase(Waiting& waiting) {
    if (latest_ == &waiting) latest_ = nullptr;
    account(waiting, 0);
    by_age_.erase(by_age_.s_iterator_to(waiting));
    Source& source = *waiting.source;
    source.waiting.erase(source.waiting.s_iterator_to(waiting));
    waiting_.erase(DatagramId{waiting.id});
    if (source.waiting.empty()) sources_.erase(IpAddress{source.address});
}

void Reassembly::account(Waiting& waiting, std::size_t memory) noexcept {
    const std::size_t before = std::exchange(waiting.memory, memory);
    memory_ += memory - before;
    waiting.source->memory += memory - before;
}

void Reassembly::expire() {
    const Instant now = context_.scheduler.now();
    while (!by_age_.empty() && by_age_.front().deadline <= now) {
        Waiting& waiting = by_age_.front();
        const bool counted = waiting.abandoned;
        const bool non_unicast = waiting.non_unicast;
        Packet first = waiting.data.take_first();
        if (!counted) abandon(waiting, &ReassemblyCounters::ipReasmTimeouts);
        erase(waiting);
        if (!counted && first) user_.timed_out(std::move(first), non_unicast);
    }
    if (!by_age_.empty()) context_.scheduler.arm(timer_, by_age_.front().deadline);
}

void Reassembly::drop(const Packet& packet, CounterOf<ReassemblyCounters> reason) {
    ++(counters_.*reason);
    context_.traced(Floor::network, Direction::up, Verdict::dropped, reason, packet);
}

}  // namespace strata::network
