// Igmp: tells the routers of a link which groups are wanted on it, and by whom (RFC 9776; RFC 2236
// and RFC 1112 for those that speak no newer version).
//
//   Internet::listen() ─ changed ─▶ Reporter, one an interface ─▶ reports, leaves
//   Ipv4 ─ deliver(): is it sound, and from this link ─▶ its Reporter
//
// Its messages leave by the interface that they are about and not by a route, from its address, or
// from none while it has none (RFC 9776 4.2.13). Owned by Internet.
#pragma once

#include <memory>
#include <vector>

#include "strata/3_network/family.hpp"
#include "strata/3_network/groups/igmp/counters.hpp"
#include "strata/3_network/groups/igmp/reporter.hpp"

namespace strata::network {

class Igmp final : public User, private igmp::ReporterUser {
public:
    // `ipv4` outlives it.
    Igmp(Context context, Family& ipv4, IgmpOptions options = {});
    Igmp(const Igmp&) = delete;
    Igmp& operator=(const Igmp&) = delete;
    ~Igmp() override;

    // The next interface: they come in the order of their numbers.
    void add_interface(const Interface& interface);
    // What this interface wants of the group was `before`.
    void filter_changed(const Interface& interface, Ipv4Address group, const SourceFilter& before);
    void link_changed(const Interface& interface, bool up);
    // The interface has got its first address: what it told without one may not have been believed.
    void announce(const Interface& interface);
    // The version that the interface speaks now.
    [[nodiscard]] igmp::Version version(const Interface& interface) const noexcept;
    [[nodiscard]] const IgmpCounters& counters() const noexcept { return counters_; }

    // User
    void deliver(Packet packet, const Arrival& arrival) override;
    void error(const ErrorReport&) override {}

private:
    // igmp::ReporterUser
    void send(const Interface& interface, igmp::Type type, Ipv4Address to, Bytes message) override;
    void suppressed() override { ++counters_.igmpOutSuppressed; }
    void overflowed() override { ++counters_.igmpOutOverflows; }

    void query_arrived(const Packet& packet, const Arrival& arrival, bool alert);
    void report_arrived(const Packet& packet, const Arrival& arrival);
    void drop(const Packet& packet, CounterOf<IgmpCounters> counter);

    Context context_;
    Family& ipv4_;
    IgmpOptions options_;
    IgmpCounters counters_;
    std::vector<std::unique_ptr<igmp::Reporter>> reporters_;  // by the interface's number
};

}  // namespace strata::network
