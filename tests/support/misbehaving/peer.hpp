// The misbehaving peer: a station on the wire with several conversations, each with a habit of its
// own, and no TCP beneath.
//
//     host 10.0.0.1  ====  port  ----  MisbehavingPeer 10.0.0.66: Conversation 0, 1, 2, ...
#pragma once

#include <deque>

#include "strata/0_foundation/context.hpp"
#include "strata/1_physical/port.hpp"
#include "tests/support/misbehaving/conversation.hpp"

namespace strata::test {

class MisbehavingPeer final : private physical::PortUser, private RawWire {
public:
    struct Station {
        MacAddress mac;
        Ipv4Address address;
    };
    // `port` outlives it. Chance is the seed's.
    MisbehavingPeer(Context context, physical::Port& port, Station own, Station host, std::uint64_t seed);
    ~MisbehavingPeer() override;

    // Waits for the host's SYN, from whatever port, unless it is told to open() to `host_port`.
    Conversation& add(Role role, PortNumber port, PortNumber host_port);
    [[nodiscard]] std::deque<Conversation>& conversations() noexcept { return conversations_; }
    // From now on each changes its habit now and then, by chance; those for good come seldom.
    void begin_mix() noexcept { mixes_ = true; }
    void finish();

private:
    void frames_arrived(std::span<Packet> frames) override;
    void port_writable() override {}
    void link_changed(bool) override {}
    void send(const RawSegment& segment) override;
    void answer_arp(Bytes frame);
    void transmit(Bytes frame);
    void tick();
    void change_habits();

    Context context_;
    physical::Port& port_;
    Station own_;
    Station host_;
    SeededEntropy entropy_;
    std::deque<Conversation> conversations_;
    std::vector<Instant> change_at_;
    Timer ticks_;
    bool mixes_ = false;
};

}  // namespace strata::test
