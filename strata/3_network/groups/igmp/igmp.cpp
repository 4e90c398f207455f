#include "strata/3_network/groups/igmp/igmp.hpp"

#include <algorithm>
#include <cstring>

#include "strata/3_network/ipv4/header.hpp"
#include "strata/3_network/ipv4/header_options.hpp"

namespace strata::network {

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
        case igmp::Type::report_v2: return report_arrived(packet, arrival);
        case igmp::Type::report_v3: return drop(packet, &IgmpCounters::igmpInReports);
        case igmp::Type::leave: return drop(packet, &IgmpCounters::igmpInLeaves);
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
}

// RFC 2236 3: to the group that it is about, so that all members hear it.
void Igmp::report_arrived(const Packet& packet, const Arrival& arrival) {
    const auto group = igmp::group_of(packet.front());
    if (!group || arrival.destination != IpAddress{*group}) return drop(packet, &IgmpCounters::igmpInErrors);
    ++counters_.igmpInReports;
    context_.traced(Floor::network, Direction::up, Verdict::passed, &IgmpCounters::igmpInReports, packet);
    reporters_[arrival.interface]->report_heard(*group);
}

void Igmp::drop(const Packet& packet, CounterOf<IgmpCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::network, Direction::up, Verdict::dropped, counter, packet);
}

// --- leaving

void Igmp::send(const Interface& interface, igmp::Type type, Ipv4Address to, Bytes message) {
    const link::Service& link = interface.link();
    if (!link.link_up() || !link.ready()) {
        ++counters_.igmpOutErrors;
        return;
    }
    const auto v4 =
        std::ranges::find_if(interface.addresses(), [](const IpInterfaceAddress& own) { return own.address.is_v4(); });
    const bool alert = type != igmp::Type::report_v1;  // RFC 1112 knew none
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
    ++(type == igmp::Type::leave ? counters_.igmpOutLeaves : counters_.igmpOutReports);
}

}  // namespace strata::network
