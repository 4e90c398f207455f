#include "tests/support/tcp_pair.hpp"

#include <algorithm>
#include <vector>

namespace strata::test {

TcpPair::TcpPair(std::uint64_t seed, const Road& given, const tcp::TcpOptions& options) : entropy(seed), road(given) {
    left = std::make_unique<Side>(*this, Ipv4Address{10, 0, 0, 1}, options);
    right = std::make_unique<Side>(*this, Ipv4Address{10, 0, 0, 2}, options);
    left->other = right.get();
    right->other = left.get();
}

TcpPair::~TcpPair() {
    left->tcp.reset();
    right->tcp.reset();
}

TcpPair::Side::Side(TcpPair& owner, Ipv4Address address, const tcp::TcpOptions& options)
    : pair(owner), network(address) {
    network.mtu = owner.road.mtu;
    network.carry = [this](Packet packet) { carry(packet); };
    tcp::TcpOptions checked = options;
    checked.check_invariants = true;
    tcp = std::make_unique<tcp::Tcp>(Context{owner.scheduler, owner.entropy, owner.pool}, network, checked);
}

void TcpPair::Side::carry(const Packet& packet) {
    const Road& way = pair.road;
    const int copies = pair.entropy.chance(way.duplication) ? 2 : 1;
    for (int i = 0; i < copies; ++i) {
        if (way.shut || pair.entropy.chance(way.loss)) continue;
        Packet copy = packet.flat_copy();
        copy.set_checksum_state(ChecksumState::unknown);
        if (pair.entropy.chance(way.corruption)) {
            copy.mutable_front()[pair.entropy.below(copy.size())] ^=
                std::byte{static_cast<std::uint8_t>(1u << pair.entropy.below(8))};
        }
        Duration delay = way.delay;
        if (pair.entropy.chance(way.reordering))
            delay += Duration{
                static_cast<std::int64_t>(pair.entropy.below(static_cast<std::uint64_t>(way.delay.count()) + 1))};
        ++pair.carried;
        auto& flying = pair.in_flight.emplace_back();
        flying.packet = std::move(copy);
        flying.timer.set_action([this, at = std::prev(pair.in_flight.end())] {
            Packet arrived = std::move(at->packet);
            pair.in_flight.erase(at);
            other->network.arrives(std::move(arrived), network.own());
        });
        pair.scheduler.arm(flying.timer, pair.scheduler.now() + delay);
    }
}

void Talker::begin(tcp::Connection* connection) {
    connection_ = connection;
    connection->set_user(this);
    if (tcp::synchronized(connection->state())) {
        write();
        read();
    }
}

void Talker::write() {
    while (to_send_ > 0 || !waiting_.empty()) {
        if (waiting_.empty()) {
            waiting_.resize(std::min<std::size_t>(to_send_, 8192));
            out_.fill(waiting_);
            to_send_ -= waiting_.size();
        }
        const auto count = connection_->write(waiting_);
        if (!count) return;
        waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(*count));
    }
    connection_->close();
}

void Talker::read() {
    std::vector<std::byte> buffer(8192);
    for (;;) {
        const auto count = connection_->read(buffer);
        if (!count) return;
        if (*count == 0) {
            end_seen = true;
            return;
        }
        // What a fill() makes depends on its sizes only in the last
        // word of each: 8192-byte steps, as the writer's.
        for (std::size_t i = 0; i < *count; ++i) {
            if (expected_.empty()) {
                expected_.resize(8192);
                in_.fill(expected_);
                std::ranges::reverse(expected_);
            }
            intact = intact && expected_.back() == buffer[i];
            expected_.pop_back();
        }
        received += *count;
    }
}

}  // namespace strata::test
