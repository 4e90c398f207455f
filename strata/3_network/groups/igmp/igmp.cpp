#include "strata/3_network/groups/igmp/igmp.hpp"

#include <algorithm>
#include <cstring>

#include "strata/3_network/ipv4/header.hpp"
#include "strata/3_network/ipv4/header_options.hpp"

namespace strata::network {

// A querier with the way out for what it asks.
class Igmp::RouterSide final : igmp::QuerierUser {
public:
    RouterSide(Igmp& igmp, const Interface& interface, Ipv4Address own, const igmp::QuerierOptions& options,
               QuerierHandlers handlers)
        : igmp_(igmp),
          interface_(interface),
          handlers_(std::move(handlers)),
          querier_(igmp.context_, own, options, *this) {}
    [[nodiscard]] igmp::Querier& querier() noexcept { return querier_; }
    [[nodiscard]] const Interface& interface() const noexcept { return interface_; }

private:
    void send_query(const igmp::Query& query, std::span<const Ipv4Address> sources) override {
        const Ipv4Address to = query.group.is_any() ? igmp::all_hosts : query.group;
        igmp_.send_message(interface_, &IgmpCounters::igmpOutQueries, query.version != igmp::Version::v1, to,
                           query.write(sources));
    }
    void group_changed(Ipv4Address group) override {
        if (handlers_.group_changed) handlers_.group_changed(group);
    }
    void querier_changed(Ipv4Address other) override {
        if (handlers_.querier_changed) handlers_.querier_changed(other);
    }

    Igmp& igmp_;
    const Interface& interface_;
    QuerierHandlers handlers_;
    igmp::Querier querier_;
};

Igmp::Igmp(Context context, Family& ipv4, IgmpOptions options) : context_(context), ipv4_(ipv4), options_(options) {}

Igmp::~Igmp() = default;

// --- interfaces

void Igmp::add_interface(const Interface& interface) {
    igmp::ReporterUser& user = *this;
    reporters_.push_back(std::make_unique<igmp::Reporter>(context_, interface, options_, user));
}

void Igmp::filter_changed(const Interface& interface, Ipv4Address group, const SourceFilter& before) {
    reporters_[interface.id()]->changed(group, before);
}

void Igmp::link_changed(const Interface& interface, bool up) { reporters_[interface.id()]->link_changed(up); }

void Igmp::announce(const Interface& interface) { reporters_[interface.id()]->announce(); }

igmp::Version Igmp::version(const Interface& interface) const noexcept { return reporters_[interface.id()]->version(); }

// --- the router's side

void Igmp::start_querier(const Interface& interface, Ipv4Address own, const igmp::QuerierOptions& options,
                         QuerierHandlers handlers) {
    queriers_[interface.id()] = std::make_unique<RouterSide>(*this, interface, own, options, std::move(handlers));
}

void Igmp::stop_querier(const Interface& interface) { queriers_.erase(interface.id()); }

const igmp::Querier* Igmp::querier(std::uint32_t interface) const noexcept {
    const auto found = queriers_.find(interface);
    return found == queriers_.end() ? nullptr : &found->second->querier();
}

// RFC 9776 9.2: who is not of this link's subnets says nothing for its members; 4.2.14: a member
// that has no address yet says it from none.
igmp::Querier* Igmp::told(const Arrival& arrival) {
    const auto found = queriers_.find(arrival.interface);
    if (found == queriers_.end()) return nullptr;
    const bool of_this_link =
        arrival.source.is_any() ||
        std::ranges::any_of(found->second->interface().addresses(),
                            [&](const IpInterfaceAddress& own) { return own.prefix().contains(arrival.source); });
    if (of_this_link) return &found->second->querier();
    ++counters_.igmpInForeign;
    return nullptr;
}

// --- arriving

namespace {

bool carries_router_alert(Packet& packet) {
    const std::size_t size = packet.size();
    if (!packet.restore_network_header()) return false;
    const auto header = Ipv4HeaderView::parse(packet.front());
    const auto options = header ? HeaderOptions::parse(header->options()) : fail(Error::malformed);
    packet.trim(packet.size() - size);
    return options && options->router_alert;
}

}  // namespace

void Igmp::deliver(Packet packet, const Arrival& arrival) {
    ++counters_.igmpInMsgs;
    (void)packet.pull(packet.size());
    const auto type = igmp::type_of(packet.front());
    if (!type || arrival.interface >= reporters_.size()) return drop(packet, &IgmpCounters::igmpInErrors);
    if (arrival.ttl != 1) return drop(packet, &IgmpCounters::igmpInFarAway);
    switch (*type) {
        case igmp::Type::query: return query_arrived(packet, arrival, carries_router_alert(packet));
        case igmp::Type::report_v1:
        case igmp::Type::report_v2: return report_arrived(packet, arrival, *type);
        case igmp::Type::report_v3: return v3_report_arrived(packet, arrival);
        case igmp::Type::leave: return leave_arrived(packet, arrival);
    }
    drop(packet, &IgmpCounters::igmpInUnknown);
}

// RFC 9776 4.1.12: a general query is to all hosts, another to its group,
// and either may be to an address of ours; a query to another group would be
// answered by too few. 9.1: a host that is not asked by this link's routers,
// who send the Router Alert option with it since version 2, is silent.
void Igmp::query_arrived(const Packet& packet, const Arrival& arrival, bool alert) {
    const auto query = igmp::Query::parse(packet.front());
    const auto meant_for = query && !query->group.is_any() ? query->group : igmp::all_hosts;
    if (!query || (arrival.destination.is_multicast() && arrival.destination != IpAddress{meant_for})) {
        return drop(packet, &IgmpCounters::igmpInErrors);
    }
    if (query->version != igmp::Version::v1 && !alert) return drop(packet, &IgmpCounters::igmpInNotAlert);
    ++counters_.igmpInQueries;
    context_.traced(Floor::network, Direction::up, Verdict::passed, &IgmpCounters::igmpInQueries, packet);
    if (!reporters_[arrival.interface]->query_arrived(*query)) ++counters_.igmpInQueriesOther;
    if (igmp::Querier* querier = told(arrival)) querier->query_arrived(*query, arrival.source.v4());
}

// RFC 2236 3: to the group that it is about, so that all members hear it.
void Igmp::report_arrived(const Packet& packet, const Arrival& arrival, igmp::Type type) {
    const auto group = igmp::group_of(packet.front());
    if (!group || arrival.destination != IpAddress{*group}) return drop(packet, &IgmpCounters::igmpInErrors);
    ++counters_.igmpInReports;
    context_.traced(Floor::network, Direction::up, Verdict::passed, &IgmpCounters::igmpInReports, packet);
    reporters_[arrival.interface]->report_heard(*group);
    if (igmp::Querier* querier = told(arrival)) querier->older_arrived(type, *group);
}

// A host that is no router has nothing to learn from these two.
void Igmp::v3_report_arrived(const Packet& packet, const Arrival& arrival) {
    igmp::Querier* querier = told(arrival);
    if (querier == nullptr) return drop(packet, &IgmpCounters::igmpInReports);
    const auto report = igmp::ReportView::parse(packet.front());
    if (!report) return drop(packet, &IgmpCounters::igmpInErrors);
    ++counters_.igmpInReports;
    context_.traced(Floor::network, Direction::up, Verdict::passed, &IgmpCounters::igmpInReports, packet);
    querier->report_arrived(*report);
}

void Igmp::leave_arrived(const Packet& packet, const Arrival& arrival) {
    igmp::Querier* querier = told(arrival);
    if (querier == nullptr) return drop(packet, &IgmpCounters::igmpInLeaves);
    const auto group = igmp::group_of(packet.front());
    if (!group) return drop(packet, &IgmpCounters::igmpInErrors);
    ++counters_.igmpInLeaves;
    context_.traced(Floor::network, Direction::up, Verdict::passed, &IgmpCounters::igmpInLeaves, packet);
    querier->older_arrived(igmp::Type::leave, *group);
}

void Igmp::drop(const Packet& packet, CounterOf<IgmpCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::network, Direction::up, Verdict::dropped, counter, packet);
}

// --- leaving

void Igmp::send(const Interface& interface, igmp::Type type, Ipv4Address to, Bytes message) {
    // RFC 1112 knew no Router Alert.
    const auto counter = type == igmp::Type::leave ? &IgmpCounters::igmpOutLeaves : &IgmpCounters::igmpOutReports;
    send_message(interface, counter, type != igmp::Type::report_v1, to, message);
}

void Igmp::send_message(const Interface& interface, CounterOf<IgmpCounters> counter, bool alert, Ipv4Address to,
                        Bytes message) {
    const link::Service& link = interface.link();
    if (!link.link_up() || !link.ready()) {
        ++counters_.igmpOutErrors;
        return;
    }
    const auto v4 =
        std::ranges::find_if(interface.addresses(), [](const IpInterfaceAddress& own) { return own.address.is_v4(); });
    const Bytes options = alert ? Bytes{igmp::router_alert} : Bytes{};
    const std::size_t headroom = Ipv4HeaderView::size_min + options.size() + link.features().headroom;
    const Path path{.source = v4 == interface.addresses().end() ? IpAddress{} : v4->address,
                    .destination = to,
                    .next_hop = to,
                    .mtu = link.features().mtu,
                    .headroom = headroom,
                    .interface = interface.id()};
    const SendOptions how{
        .protocol = Protocol::igmp, .ttl = 1, .traffic_class = igmp::internetwork_control, .header_options = options};
    if (ipv4_.send(Packet::copy_of(context_.pool, message, headroom), path, how)) {
        ++counters_.igmpOutErrors;
        return;
    }
    ++(counters_.*counter);
}

}  // namespace strata::network
