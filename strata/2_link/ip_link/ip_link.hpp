// IpLink: IP packets on a port that carries nothing else: the kernel's other side of a TUN device.
//
// There is no link header: what is IPv4 and what IPv6 the first four bits say. Super-packets and
// partial checksums cross as they are where the port takes them. Host::add_interface takes it.
#pragma once

#include "strata/1_physical/port.hpp"
#include "strata/2_link/point_to_point/point_to_point.hpp"

namespace strata::link {

struct IpLinkOptions {
    std::size_t mtu = 0;  // 0: the port's; more than the port's is brought down to it
    PointToPointQueueOptions queue{.packets_max = 1024, .bytes_max = 16 << 20, .ready_max = 64};
};

#define STRATA_IP_LINK_COUNTERS(counter) counter(ipLinkInNotIp, "dropped: begins neither as IPv4 nor as IPv6");

STRATA_COUNTERS(IpLinkCounters, STRATA_IP_LINK_COUNTERS);

class IpLink final : public PointToPoint, private physical::PortUser {
public:
    // Attaches itself to the port, whose framing is Framing::ip, and which outlives it.
    IpLink(Context context, physical::Port& port, const IpLinkOptions& options = {});
    ~IpLink() override;

    void visit_counters(const CounterVisitor& visit) const override;
    [[nodiscard]] const IpLinkCounters& counters() const noexcept { return counters_; }

private:
    // PointToPoint
    [[nodiscard]] bool carrier() const noexcept override { return port_.link_up(); }
    [[nodiscard]] bool established() const noexcept override { return true; }
    [[nodiscard]] bool can_carry(EtherType type) const noexcept override {
        return type == EtherType::ipv4 || type == EtherType::ipv6;
    }
    void prepare(Packet& packet) override;
    void fill() override;
    // physical::PortUser
    void frames_arrived(std::span<Packet> frames) override;
    void port_writable() override { transmit(); }
    void link_changed(bool) override { carrier_changed(); }

    void packet_arrived(Packet packet);

    physical::Port& port_;
    Packet refused_;  // by the port, which was full
    IpLinkCounters counters_;
};

}  // namespace strata::link
