// Igmp: tells the routers of a link which groups are wanted on it, and by whom (RFC 9776; RFC 2236
// and RFC 1112 for those that speak no newer version).
//
//   Internet::listen() ─ changed ─▶ Reporter, one an interface ─▶ reports, leaves
//   Ipv4 ─ deliver(): is it sound, and from this link ─▶ its Reporter
//
//   Internet::start_querier() ─▶ Querier, where the host is a router of the link ─▶ queries
//
// Its messages leave by the interface that they are about and not by a route, from its address, or
// from none while it has none (RFC 9776 4.2.13). Owned by Internet.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "strata/3_network/family.hpp"
#include "strata/3_network/groups/igmp/counters.hpp"
#include "strata/3_network/groups/igmp/querier.hpp"
#include "strata/3_network/groups/igmp/reporter.hpp"

namespace strata::network {

// What a querier tells: of a group that may be wanted otherwise now,
// and of who asks (any(): we do).
struct QuerierHandlers {
    std::function<void(Ipv4Address group)> group_changed{};
    std::function<void(Ipv4Address other)> querier_changed{};
};

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
    // The interface, which hears all groups, is a router's from now on, and asks from `own`; none
    // has been started on it.
    void start_querier(const Interface& interface, Ipv4Address own, const igmp::QuerierOptions& options,
                       QuerierHandlers handlers);
    void stop_querier(const Interface& interface);
    // Null: it is no router's.
    [[nodiscard]] const igmp::Querier* querier(std::uint32_t interface) const noexcept;
    [[nodiscard]] const IgmpCounters& counters() const noexcept { return counters_; }

    // User
    void deliver(Packet packet, const Arrival& arrival) override;
    void error(const ErrorReport&) override {}

private:
    class RouterSide;
    // igmp::ReporterUser
    void send(const Interface& interface, igmp::Type type, Ipv4Address to, Bytes message) override;
    void suppressed() override { ++counters_.igmpOutSuppressed; }
    void overflowed() override { ++counters_.igmpOutOverflows; }

    void query_arrived(const Packet& packet, const Arrival& arrival, bool alert);
    void report_arrived(const Packet& packet, const Arrival& arrival, igmp::Type type);
    void v3_report_arrived(const Packet& packet, const Arrival& arrival);
    void leave_arrived(const Packet& packet, const Arrival& arrival);
    // From the interface's address, if it has one.
    void send_message(const Interface& interface, CounterOf<IgmpCounters> counter, bool alert, Ipv4Address to,
                      Bytes message);
    // Null: the host is no router here, or does not believe who says it.
    [[nodiscard]] igmp::Querier* told(const Arrival& arrival);
    void drop(const Packet& packet, CounterOf<IgmpCounters> counter);

    Context context_;
    Family& ipv4_;
    IgmpOptions options_;
    IgmpCounters counters_;
    std::vector<std::unique_ptr<igmp::Reporter>> reporters_;         // by the interface's number
    std::map<std::uint32_t, std::unique_ptr<RouterSide>> queriers_;  // likewise, where there is one
};

}  // namespace strata::network
