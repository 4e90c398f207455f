#include "strata/3_network/internet.hpp"

#include <algorithm>

namespace strata::network {

class Internet::Attachment final : public link::User {
public:
    Attachment(Internet& internet, Interface& interface) : internet_(internet), interface_(interface) {}
    ~Attachment() override {
        for (const link::EtherType type : types) interface_.link().attach(type, nullptr);
    }
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

    void receive(IpVersion version) {
        const link::EtherType type = version == IpVersion::v4 ? link::EtherType::ipv4 : link::EtherType::ipv6;
        const bool wanted = internet_.versions_[version].family != nullptr;
        interface_.link().attach(type, wanted ? this : nullptr);
    }

    void deliver(Packet packet, const link::Arrival& arrival) override {
        const IpVersion version = arrival.type == link::EtherType::ipv4 ? IpVersion::v4 : IpVersion::v6;
        internet_.versions_[version].family->arrived(std::move(packet), arrival, interface_);
    }
    void burst_ended() override { internet_.burst_ended(); }
    void unreachable(Packet packet, const IpAddress& next_hop) override {
        internet_.undelivered(std::move(packet), next_hop);
    }
    void writable() override { internet_.writable(); }
    void link_changed(bool up) override { internet_.link_changed(interface_, up); }
    void reachable_again(const IpAddress& next_hop) override { internet_.reachable_again(next_hop); }
    void address_conflict(const IpAddress& address, MacAddress other) override {
        if (internet_.conflict_) internet_.conflict_(address, other);
    }
    void address_changed(const IpAddress& address, link::AddressState state, MacAddress other) override {
        internet_.address_changed(interface_, address, state, other);
    }

private:
    static constexpr std::array types{link::EtherType::ipv4, link::EtherType::ipv6};
    Internet& internet_;
    Interface& interface_;
};

Internet::Internet(Context context, InternetOptions options)
    : context_(context),
      interfaces_(options.addresses_max, options.groups),
      routes_(options.routes_max),
      destinations_(context, options.destinations),
      paths_(interfaces_, routes_, destinations_),
      loopback_(context, *this, options.loopback),
      echo_(context, *this, options.echo_clients_max),
      ipv4_(context, *this, interfaces_, options.ipv4),
      icmp_(context, *this, *this, echo_, options.icmp),
      igmp_(context, ipv4_, options.igmp) {
    attach(Protocol::icmp, &icmp_);
    attach(Protocol::igmp, &igmp_);
    attach(IpVersion::v4, &ipv4_, &icmp_);
}

Internet::~Internet() = default;

// ------------------------------------------------------------------------------------------------ setting up

std::uint32_t Internet::add_interface(link::Service& link, std::string name) {
    Interface& interface = interfaces_.add(link, std::move(name));
    Attachment& attachment = *attachments_.emplace_back(std::make_unique<Attachment>(*this, interface));
    for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) attachment.receive(version);
    paths_.changed();
    igmp_.add_interface(interface);
    (void)join(interface.id(), igmp::all_hosts);  // RFC 1112 4: where queries are heard
    return interface.id();
}

void Internet::attach(IpVersion version, Family* family, ControlProtocol* control) {
    versions_[version] = {family, control};
    echo_.attach(version, control);
    for (const auto& attachment : attachments_) attachment->receive(version);
    paths_.changed();
}

std::error_code Internet::add_address(std::uint32_t interface, const IpInterfaceAddress& address) {
    Interface* on = interfaces_.find(interface);
    if (on == nullptr) return Error::invalid_argument;
    const bool known = on->is_assigned(address.address);
    if (const auto error = interfaces_.add_address(*on, address)) return error;
    if (known) return {};
    if (const auto error = add_route({.prefix = address.prefix(), .interface = interface})) {
        interfaces_.remove_address(*on, address.address);
        return error;
    }
    became_usable(*on, address.address);
    return {};
}

bool Internet::remove_address(std::uint32_t interface, const IpAddress& address) {
    Interface* on = interfaces_.find(interface);
    if (on == nullptr) return false;
    const auto removed = interfaces_.remove_address(*on, address);
    if (!removed) return false;
    const auto same_subnet = [&](const IpInterfaceAddress& other) { return other.prefix() == removed->prefix(); };
    if (std::ranges::none_of(on->assigned(), same_subnet)) routes_.remove(removed->prefix(), interface);
    paths_.changed();
    return true;
}

// An address that is lost is gone on all floors, and its route with it: paths from it end.
void Internet::address_changed(const Interface& interface, const IpAddress& address, link::AddressState state,
                               MacAddress other) {
    if (state == link::AddressState::lost) {
        remove_address(interface.id(), address);
    } else {
        interfaces_.set_tentative(interfaces_.at(interface.id()), address, state == link::AddressState::tentative);
        paths_.changed();
    }
    if (address_changed_) address_changed_(address, state, other);
    // Whoever could not send for want of a source need not wait for his timers.
    if (state == link::AddressState::usable) {
        became_usable(interface, address);
        reachable_again(IpAddress{});
    }
}

// A querier need not believe what it was told from no address (RFC 9776 4.2.13).
void Internet::became_usable(const Interface& interface, const IpAddress& address) {
    const auto v4 =
        std::ranges::count_if(interface.addresses(), [](const IpInterfaceAddress& own) { return own.address.is_v4(); });
    if (address.is_v4() && v4 == 1 && interface.has(address)) igmp_.announce(interface);
}

std::error_code Internet::add_route(const Route& route) {
    if (interfaces_.find(route.interface) == nullptr) return Error::invalid_argument;
    paths_.changed();
    return routes_.add(route);
}

bool Internet::remove_route(const IpPrefix& prefix, std::uint32_t interface) {
    paths_.changed();
    return routes_.remove(prefix, interface);
}

std::error_code Internet::set_gateway(const IpAddress& gateway, std::uint32_t metric) {
    const IpPrefix everything{IpAddress::any(gateway.version()), 0};
    for (const auto& interface : interfaces_.all()) {
        const auto reaches = [&](const IpInterfaceAddress& own) { return own.prefix().contains(gateway); };
        if (std::ranges::none_of(interface->assigned(), reaches)) continue;
        routes_.remove(everything, interface->id());
        return add_route({.prefix = everything, .gateway = gateway, .interface = interface->id(), .metric = metric});
    }
    return Error::no_route;
}

std::error_code Internet::set_interface_up(std::uint32_t interface, bool up) {
    Interface* which = interfaces_.find(interface);
    if (which == nullptr) return Error::invalid_argument;
    paths_.changed();
    which->link().set_enabled(up);
    return {};
}

// A path through another interface may be the better one now.
void Internet::link_changed(const Interface& interface, bool up) {
    paths_.changed();
    igmp_.link_changed(interface, up);
}

// Null on a link that has none, and of an interface that does not exist.
link::NeighborCache* Internet::neighbors_on(std::uint32_t interface) const noexcept {
    const Interface* on = interfaces_.find(interface);
    return on == nullptr ? nullptr : on->link().neighbors();
}

std::vector<link::Neighbor> Internet::neighbors(std::uint32_t interface) const {
    const link::NeighborCache* cache = neighbors_on(interface);
    return cache == nullptr ? std::vector<link::Neighbor>{} : cache->entries();
}

std::error_code Internet::add_static_neighbor(std::uint32_t interface, const IpAddress& address, MacAddress mac) {
    link::NeighborCache* cache = neighbors_on(interface);
    return cache == nullptr ? Error::invalid_argument : cache->add_static(address, mac);
}

bool Internet::remove_static_neighbor(std::uint32_t interface, const IpAddress& address) {
    link::NeighborCache* cache = neighbors_on(interface);
    return cache != nullptr && cache->remove_static(address);
}

std::error_code Internet::add_proxy(std::uint32_t interface, const IpPrefix& network) {
    const Interface* on = interfaces_.find(interface);
    if (on == nullptr) return Error::invalid_argument;
    return on->link().add_proxy(network);
}

void Internet::remove_proxy(std::uint32_t interface, const IpPrefix& network) {
    if (const Interface* on = interfaces_.find(interface)) on->link().remove_proxy(network);
}

std::error_code Internet::join(std::uint32_t interface, const IpAddress& group) {
    return listen(nullptr, interface, group, SourceFilter::any_source());
}

void Internet::leave(std::uint32_t interface, const IpAddress& group) { (void)listen(nullptr, interface, group, {}); }

const Groups* Internet::groups(std::uint32_t interface) const noexcept {
    const Interface* on = interfaces_.find(interface);
    return on == nullptr ? nullptr : &on->groups();
}

std::error_code Internet::listen(Listener listener, std::uint32_t interface, const IpAddress& group,
                                 const SourceFilter& filter) {
    Interface* on = interfaces_.find(interface);
    if (on == nullptr) return Error::invalid_argument;
    const SourceFilter before = on->groups().filter_of(group);
    if (const auto error = interfaces_.listen(*on, listener, group, filter)) return error;
    if (group.is_v4()) igmp_.filter_changed(*on, group.v4(), before);
    return {};
}

std::error_code Internet::start_querier(std::uint32_t interface, const igmp::QuerierOptions& options,
                                        QuerierHandlers handlers) {
    Interface* on = interfaces_.find(interface);
    if (on == nullptr) return Error::invalid_argument;
    if (igmp_.querier(interface) != nullptr) return Error::address_in_use;
    const auto own = std::ranges::find_if(on->addresses(), [](const auto& each) { return each.address.is_v4(); });
    if (own == on->addresses().end()) return Error::invalid_argument;
    interfaces_.hear_all_groups(*on, true);
    igmp_.start_querier(*on, own->address.v4(), options, std::move(handlers));
    return {};
}

void Internet::stop_querier(std::uint32_t interface) {
    if (igmp_.querier(interface) == nullptr) return;
    Interface& on = interfaces_.at(interface);
    igmp_.stop_querier(on);
    interfaces_.hear_all_groups(on, false);
}

Result<std::uint32_t> Internet::interface_named(std::string_view name) {
    const auto all = interfaces_.all();
    const auto found = std::ranges::find(all, name, [](const auto& interface) { return interface->name(); });
    return found == all.end() ? Result<std::uint32_t>{fail(Error::address_not_available)} : (*found)->id();
}

Result<std::uint32_t> Internet::interface_for(const IpAddress& group, const IpAddress& own) {
    if (!own.is_any()) {
        const Interface* with = interfaces_.with(own);
        return with == nullptr ? Result<std::uint32_t>{fail(Error::address_not_available)} : with->id();
    }
    const auto path = path_to(group);
    if (!path) return std::unexpected(path.error());
    return path->interface;
}

std::span<const IpInterfaceAddress> Internet::addresses(std::uint32_t interface) const noexcept {
    const Interface* on = interfaces_.find(interface);
    return on == nullptr ? std::span<const IpInterfaceAddress>{} : on->addresses();
}

std::span<const IpInterfaceAddress> Internet::assigned(std::uint32_t interface) const noexcept {
    const Interface* on = interfaces_.find(interface);
    return on == nullptr ? std::span<const IpInterfaceAddress>{} : on->assigned();
}

void Internet::attach(Protocol protocol, User* user) {
    users_[static_cast<std::uint8_t>(protocol)] = user;
    attached_.clear();
    std::ranges::copy_if(users_, std::back_inserter(attached_),
                         [](const User* attached) { return attached != nullptr; });
}

// ------------------------------------------------------------------------------------------------ paths

Result<Path> Internet::path_to(const IpAddress& destination, const IpAddress& source) {
    const Family* family = version_of(destination).family;
    if (family == nullptr) return fail(Error::no_route);
    return paths_.to(destination, source, family->facts());
}

Result<Path> Internet::path_to_everybody(std::uint32_t interface, const IpAddress& source) {
    const Interface* on = interfaces_.find(interface);
    const Family* family = versions_[IpVersion::v4].family;
    if (on == nullptr || family == nullptr) return fail(Error::invalid_argument);
    return paths_.to_everybody_on(*on, source, family->facts());
}

bool Internet::refresh(Path& path) {
    if (path.generation == paths_.generation()) return true;
    const auto fresh = path_to(path.destination, path.source);
    if (fresh) {
        path = *fresh;
        return true;
    }
    // An interface that is down may be brought up again; until then send() says so.
    return fresh.error() == Error::network_down;
}

bool Internet::ready(const Path& path) const noexcept {
    if (path.local) return loopback_.ready();
    const Interface* interface = interfaces_.find(path.interface);
    return interface != nullptr && interface->link().ready();
}

void Internet::confirm_reachable(const Path& path) {
    if (path.local || path.broadcast) return;
    if (const Interface* interface = interfaces_.find(path.interface))
        interface->link().confirm_reachable(path.next_hop);
}

// ------------------------------------------------------------------------------------------------ down

std::error_code Internet::send(Packet packet, const Path& path, const SendOptions& options) {
    Family* family = version_of(path.destination).family;
    if (family == nullptr) return Error::no_route;
    Path fresh;
    const Path* on = &path;
    if (path.generation != paths_.generation()) [[unlikely]] {
        fresh = path;
        on = &fresh;
        if (!refresh(fresh)) {
            family->not_sent(packet, Error::no_route);
            return Error::no_route;
        }
    }
    if (!on->local && !interfaces_.at(on->interface).link().enabled()) {
        family->not_sent(packet, Error::network_down);
        return Error::network_down;
    }
    if (on->destination.is_multicast() && options.loop) loop_copy(packet, *on, options);
    return family->send(std::move(packet), *on, options);
}

// RFC 1112 6.1: the copy is as any packet that arrives at this interface.
void Internet::loop_copy(const Packet& packet, const Path& path, const SendOptions& options) {
    if (!interfaces_.at(path.interface).groups().admits(path.destination, path.source)) return;
    Path back = path;
    back.local = true;
    (void)version_of(path.destination).family->send(packet.clone(), back, options);
}

std::error_code Internet::transmit(Packet& packet, const Path& path) {
    if (path.local) return loopback_.turn_round(packet, path.interface);
    interfaces_.at(path.interface).link().send(std::move(packet), path.next_hop);
    return {};
}

// ------------------------------------------------------------------------------------------------ up

// Of a packet that a family of ours has made or tested: its first four bits say which one (RFC 791
// 3.1, RFC 8200 3).
const Internet::Version& Internet::version_of(const Packet& packet) const noexcept {
    const bool v6 = std::to_integer<unsigned>(packet.front()[0]) >> 4 == 6;
    return versions_[v6 ? IpVersion::v6 : IpVersion::v4];
}

void Internet::looped_back(Packet packet, std::uint32_t interface) {
    version_of(packet).family->arrived_from_ourselves(std::move(packet), interfaces_.find(interface));
}

void Internet::burst_ended() {
    for (User* user : attached_) user->burst_ended();
}

void Internet::writable() {
    for (User* user : attached_) user->writable();
}

void Internet::reachable_again(const IpAddress& next_hop) {
    for (User* user : attached_) user->reachable_again(next_hop);
}

// ------------------------------------------------------------------------------------------------ errors

void Internet::refuse(Packet packet, const Arrival& arrival) {
    ControlProtocol* control = version_of(arrival.destination).control;
    if (control == nullptr) return;
    if (!packet.restore_network_header()) return control->not_reported(packet);
    control->send_error(std::move(packet),
                        {.kind = ErrorReport::Kind::port_unreachable, .non_unicast = arrival.is_non_unicast()});
}

void Internet::undeliverable(Packet packet, const Refusal& why) {
    ControlProtocol* control = version_of(packet).control;
    if (control != nullptr) control->send_error(std::move(packet), why);
}

bool Internet::report(const ErrorReport& report) {
    User* user = user_of(report.protocol);
    if (user != nullptr) user->error(report);
    return user != nullptr;
}

void Internet::undelivered(Packet packet, const IpAddress& next_hop) {
    Family& family = *version_of(next_hop).family;
    family.undelivered(packet);
    if (!loopback_.report_later(std::move(packet))) family.unreported();
}

namespace {

IcmpTypeCode host_unreachable_of(IpVersion version) noexcept {
    if (version == IpVersion::v6) return {.type = 1, .code = 3};  // RFC 4443 3.1
    return {.type = static_cast<std::uint8_t>(IcmpType::destination_unreachable), .code = icmp_code::host_unreachable};
}

}  // namespace

// Tells the transport what a router would have told it (RFC 1122 2.4, 3.2.2.1).
void Internet::report_undelivered(Packet packet) {
    (void)packet.pull(packet.size());
    const auto failed = version_of(packet).family->failed_packet(packet.front());
    if (!failed) return;
    (void)report({.kind = ErrorReport::Kind::host_unreachable,
                  .protocol = failed->protocol,
                  .source = failed->source,
                  .destination = failed->destination,
                  .reporter = failed->source,
                  .said = host_unreachable_of(failed->source.version()),
                  .transport_header = failed->transport_header});
}

}  // namespace strata::network
