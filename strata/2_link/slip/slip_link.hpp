// SlipLink: IP packets on a line of octets, with nothing but END between them (RFC 1055).
//
// SLIP has no type, no check and no addresses: what is IPv4 and what IPv6 its first four bits say,
// and what the line broke the checksums above find. Host::add_interface takes it.
#pragma once

#include "strata/2_link/point_to_point/serial_link.hpp"
#include "strata/2_link/slip/framing.hpp"

namespace strata::link {

// RFC 1055: what every implementation should take, and none should exceed.
inline constexpr std::size_t slip_packet_assured = 1006;

struct SlipOptions {
    std::size_t mtu = 296;  // RFC 1144 5.2: of 40 bytes of headers and 256 of data; RFC 1055: at most 1006
    std::size_t receive_max = slip_packet_assured;  // of a packet that arrives; never less than the MTU
    PointToPointQueueOptions queue;
};

#define STRATA_SLIP_COUNTERS(counter)                                                 \
    counter(slipInPackets, "whole, and IP");                                          \
    counter(slipInTooLong, "dropped: longer than receive_max");                       \
    counter(slipInBadEscape, "dropped: ESC before an octet that it does not escape"); \
    counter(slipInNotIp, "dropped: begins neither as IPv4 nor as IPv6");              \
    counter(slipOutPackets, "handed to the line");

STRATA_COUNTERS(SlipCounters, STRATA_SLIP_COUNTERS);

class SlipLink final : public SerialLink {
public:
    // `line` carries octets, not bits, and outlives it.
    SlipLink(Context context, physical::SerialLine& line, const SlipOptions& options = {});

    void visit_counters(const CounterVisitor& visit) const override;
    [[nodiscard]] const SlipCounters& counters() const noexcept { return counters_; }

private:
    // SerialLink
    [[nodiscard]] bool established() const noexcept override { return true; }
    [[nodiscard]] bool can_carry(EtherType type) const noexcept override {
        return type == EtherType::ipv4 || type == EtherType::ipv6;
    }
    [[nodiscard]] bool append_frame(std::vector<std::byte>& to) override;
    void octets_received(Bytes octets) override;
    void usable_changed(bool) override { decoder_.reset(); }

    void packet_arrived(Bytes packet);
    void drop(CounterOf<SlipCounters> counter);

    SlipDecoder decoder_;
    SlipCounters counters_;
};

}  // namespace strata::link
