#include "strata/7_application/dhcp/server/server.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "strata/0_foundation/printable.hpp"

namespace strata::application::dhcp {
namespace {

std::vector<Ipv4Address> addresses_of(const ServerPlan& plan) {
    std::unordered_set<Ipv4Address> reserved;
    for (const auto& reservation : plan.reservations) reserved.insert(reservation.second);
    std::vector<Ipv4Address> addresses;
    for (const AddressRange& range : plan.ranges) {
        for (std::size_t i = 0; i < range.size(); ++i) {
            const Ipv4Address address{range.first.value() + static_cast<std::uint32_t>(i)};
            if (plan.can_give(address) && !reserved.contains(address)) addresses.push_back(address);
        }
    }
    return addresses;
}

// "02:00:00:00:00:07 (printer)".
std::string described(const Message& message) {
    std::string text = message.chaddr.to_string();
    const std::string name = message.options.text(OptionCode::host_name);
    if (!name.empty()) text.append(" (").append(printable(name)).append(")");
    return text;
}

}  // namespace

Server::Server(Entropy& entropy, ServerPlan plan, Tell tell, ServerOptions options)
    : plan_(std::move(plan)),
      tell_(std::move(tell)),
      options_(options),
      leases_(
          entropy, addresses_of(plan_),
          {.lease_time = plan_.lease_time, .offer_time = options.offer_time, .decline_time = options.decline_time}) {
    for (const auto& reservation : plan_.reservations) reserved_.emplace(reservation.second, Pace{});
}

std::optional<Reply> Server::answer(const Message& message, Instant now) {
    const auto type = message.type();
    const auto client = key_of(message);
    if (message.op != Message::Operation::request || !type || !client) return drop(&DhcpServerCounters::dhcpInErrors);
    if (!of_our_subnet(message)) return drop(&DhcpServerCounters::dhcpInOtherSubnets);
    const Asked asked{message, *client, now};
    switch (*type) {
        case MessageType::discover: return discover(asked);
        case MessageType::request: return request(asked);
        case MessageType::decline: decline(asked); return std::nullopt;
        case MessageType::release: release(asked); return std::nullopt;
        case MessageType::inform: return inform(asked);
        case MessageType::offer:
        case MessageType::ack:
        case MessageType::nak: break;
    }
    return drop(&DhcpServerCounters::dhcpInErrors);
}

// RFC 2131 4.2: the identifier if it has one. The two kinds never look alike.
std::optional<Server::ClientKey> Server::key_of(const Message& message) const {
    if (message.chaddr.is_zero() || message.chaddr.is_multicast()) return std::nullopt;
    if (const Options::Value* identifier = message.options.find(OptionCode::client_identifier)) {
        if (identifier->empty() || identifier->size() > options_.client_identifier_max) return std::nullopt;
        return ClientKey{'i'}.append(text_of(*identifier));
    }
    std::array<std::byte, MacAddress::size> bytes{};
    message.chaddr.store(bytes.data());
    return ClientKey{'h'}.append(text_of(bytes));
}

// A relay says by giaddr which subnet its client is on; and whoever names an address of another
// network as its own would have us send there.
bool Server::of_our_subnet(const Message& message) const noexcept {
    const auto ours = [&](Ipv4Address address) { return address.is_any() || plan_.can_give(address); };
    return ours(message.giaddr) && ours(message.ciaddr);
}

bool Server::gives(Ipv4Address address) const noexcept {
    return leases_.contains(address) || reserved_.contains(address);
}

std::optional<Ipv4Address> Server::reserved_for(const Asked& asked) const {
    const auto found = plan_.reservations.find(asked.message.chaddr);
    if (found == plan_.reservations.end()) return std::nullopt;
    return found->second;
}

bool Server::may_ask(const Asked& asked) {
    if (const auto reserved = reserved_for(asked)) {
        return reserved_.at(*reserved).allow(asked.now, options_.answer_interval, options_.burst_max);
    }
    return leases_.allow(asked.client, asked.now, options_.answer_interval, options_.burst_max);
}

// ------------------------------------------------------------------------------------------------ what clients say

std::optional<Reply> Server::discover(const Asked& asked) {
    ++counters_.dhcpInDiscovers;
    if (!may_ask(asked)) {
        return drop(&DhcpServerCounters::dhcpInLimited);
    }
    auto address = reserved_for(asked);
    if (!address) {
        const Ipv4Address wanted = asked.message.options.address(OptionCode::requested_address).value_or(Ipv4Address{});
        address = leases_.offer(asked.client, wanted, asked.now);
    }
    if (!address) {
        tell(asked.now, "no address is left for " + described(asked.message));
        return drop(&DhcpServerCounters::dhcpNoAddress);
    }
    Message offer = reply_to(asked.message, MessageType::offer);
    add_lease(offer, *address);
    add_parameters(offer, asked.message);
    return finish(asked, std::move(offer), &DhcpServerCounters::dhcpOutOffers);
}

// RFC 2131 4.3.2: which of its states a client is in shows by what it says.
std::optional<Reply> Server::request(const Asked& asked) {
    ++counters_.dhcpInRequests;
    if (!may_ask(asked)) {
        return drop(&DhcpServerCounters::dhcpInLimited);
    }
    const Options& options = asked.message.options;
    if (const auto server = options.address(OptionCode::server_identifier)) return select(asked, *server);
    if (!asked.message.ciaddr.is_any()) return extend(asked);
    if (const auto previous = options.address(OptionCode::requested_address)) return reboot(asked, *previous);
    return drop(&DhcpServerCounters::dhcpInErrors);
}

std::optional<Reply> Server::select(const Asked& asked, Ipv4Address server) {
    if (server != plan_.own.address) {
        leases_.withdraw(asked.client, asked.now);
        return drop(&DhcpServerCounters::dhcpInOtherServers);
    }
    const auto wanted = asked.message.options.address(OptionCode::requested_address);
    if (!wanted) return drop(&DhcpServerCounters::dhcpInErrors);
    return grant(asked, *wanted) ? acknowledge(asked, *wanted) : refuse(asked, "the address is not yours");
}

// RFC 2131 4.3.2: whoever comes from another network learns it; of one that we know nothing of
// another server may know more.
std::optional<Reply> Server::reboot(const Asked& asked, Ipv4Address previous) {
    if (!plan_.subnet().contains(previous)) return refuse(asked, "the address is of another network");
    const auto reserved = reserved_for(asked);
    const auto known = reserved ? reserved : leases_.address_of(asked.client);
    if (!known) return drop(&DhcpServerCounters::dhcpInUnknown);
    if (*known != previous || !grant(asked, previous)) return refuse(asked, "the address is not yours");
    return acknowledge(asked, previous);
}

// A lease that we do not know is one of before we began: it is believed as long as nobody else has
// the address (decision 0071).
std::optional<Reply> Server::extend(const Asked& asked) {
    const Ipv4Address own = asked.message.ciaddr;
    if (!gives(own)) return drop(&DhcpServerCounters::dhcpInUnknown);
    return grant(asked, own) ? acknowledge(asked, own) : refuse(asked, "the address is another's");
}

bool Server::grant(const Asked& asked, Ipv4Address address) {
    if (const auto reserved = reserved_for(asked)) return *reserved == address;
    return leases_.bind(asked.client, address, asked.now);
}

void Server::decline(const Asked& asked) {
    ++counters_.dhcpInDeclines;
    const Options& options = asked.message.options;
    const auto address = options.address(OptionCode::requested_address);
    if (!address || options.address(OptionCode::server_identifier) != plan_.own.address) {
        ++counters_.dhcpInErrors;
        return;
    }
    const bool theirs = reserved_for(asked) == *address || leases_.decline(asked.client, *address, asked.now);
    if (theirs) tell(asked.now, address->to_string() + " is in use by another host, says " + described(asked.message));
}

void Server::release(const Asked& asked) {
    ++counters_.dhcpInReleases;
    if (leases_.release(asked.client, asked.message.ciaddr, asked.now)) {
        tell(asked.now, asked.message.ciaddr.to_string() + " was given back by " + described(asked.message));
    }
}

// RFC 2131 4.3.5: to an address that it has without us; no lease, and no yiaddr.
std::optional<Reply> Server::inform(const Asked& asked) {
    ++counters_.dhcpInInforms;
    if (asked.message.ciaddr.is_any()) return drop(&DhcpServerCounters::dhcpInErrors);
    if (!strangers_.allow(asked.now, options_.strangers_interval, options_.strangers_burst_max)) {
        return drop(&DhcpServerCounters::dhcpInLimited);
    }
    Message ack = reply_to(asked.message, MessageType::ack);
    ack.ciaddr = asked.message.ciaddr;
    add_parameters(ack, asked.message);
    return finish(asked, std::move(ack), &DhcpServerCounters::dhcpOutAcks);
}

// ------------------------------------------------------------------------------------------------ what we say

std::optional<Reply> Server::acknowledge(const Asked& asked, Ipv4Address address) {
    Message ack = reply_to(asked.message, MessageType::ack);
    ack.ciaddr = asked.message.ciaddr;
    add_lease(ack, address);
    add_parameters(ack, asked.message);
    tell(asked.now, address.to_string() + " is given to " + described(asked.message));
    return finish(asked, std::move(ack), &DhcpServerCounters::dhcpOutAcks);
}

// RFC 2131 4.3.2: to everybody, by way of the relay too, since the client's address is wrong.
std::optional<Reply> Server::refuse(const Asked& asked, std::string_view why) {
    if (!strangers_.allow(asked.now, options_.strangers_interval, options_.strangers_burst_max)) {
        return drop(&DhcpServerCounters::dhcpInLimited);
    }
    Message nak = reply_to(asked.message, MessageType::nak);
    nak.broadcast = nak.broadcast || !nak.giaddr.is_any();
    nak.options.set_text(OptionCode::message, why);
    return finish(asked, std::move(nak), &DhcpServerCounters::dhcpOutNaks);
}

std::optional<Reply> Server::drop(CounterOf<DhcpServerCounters> counter) {
    ++(counters_.*counter);
    return std::nullopt;
}

// RFC 2131 4.3.1, table 3; the identifier comes back (RFC 6842).
Message Server::reply_to(const Message& asked, MessageType type) const {
    Message reply;
    reply.op = Message::Operation::reply;
    reply.xid = asked.xid;
    reply.broadcast = asked.broadcast;
    reply.giaddr = asked.giaddr;
    reply.chaddr = asked.chaddr;
    reply.set_type(type);
    reply.options.set_address(OptionCode::server_identifier, plan_.own.address);
    if (const Options::Value* identifier = asked.options.find(OptionCode::client_identifier)) {
        reply.options.set(OptionCode::client_identifier, *identifier);
    }
    return reply;
}

void Server::add_lease(Message& reply, Ipv4Address address) const {
    reply.yiaddr = address;
    constexpr std::uint32_t infinite_seconds = 0xffffffff;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(plan_.lease_time).count();
    const bool ends = seconds < std::int64_t{infinite_seconds};
    const auto told = ends ? static_cast<std::uint32_t>(seconds) : infinite_seconds;
    reply.options.set_u32(OptionCode::lease_time, told);
    if (!ends) return;
    reply.options.set_u32(OptionCode::renewal_time, told / 2);
    reply.options.set_u32(OptionCode::rebinding_time, static_cast<std::uint32_t>(std::uint64_t{told} * 7 / 8));
}

// What was asked for; all of it where nothing was, as old clients have it.
void Server::add_parameters(Message& reply, const Message& asked) const {
    const Options::Value* list = asked.options.find(OptionCode::parameter_request_list);
    const auto wanted = [&](OptionCode code) {
        return list == nullptr || std::ranges::find(*list, static_cast<std::byte>(code)) != list->end();
    };
    Options& options = reply.options;
    options.set_address(OptionCode::subnet_mask, plan_.subnet().netmask());
    if (wanted(OptionCode::router) && !plan_.routers.empty()) options.set_addresses(OptionCode::router, plan_.routers);
    if (wanted(OptionCode::domain_name_server) && !plan_.domain_name_servers.empty()) {
        options.set_addresses(OptionCode::domain_name_server, plan_.domain_name_servers);
    }
    if (wanted(OptionCode::domain_name) && !plan_.domain_name.empty()) {
        options.set_text(OptionCode::domain_name, plan_.domain_name);
    }
    if (wanted(OptionCode::interface_mtu) && plan_.mtu) options.set_u16(OptionCode::interface_mtu, *plan_.mtu);
    if (wanted(OptionCode::broadcast_address)) {
        options.set_address(OptionCode::broadcast_address, plan_.subnet().broadcast());
    }
    add_boot_file(reply, asked);
}

// Where BOOTP has it, and where PXE looks for it too (RFC 2132 9.4, 9.5).
void Server::add_boot_file(Message& reply, const Message& asked) const {
    const std::string& file = plan_.boot_files.choose(asked.options);
    if (plan_.next_server || !file.empty()) reply.siaddr = plan_.next_server.value_or(plan_.own.address);
    if (file.empty()) return;
    reply.file = file;
    reply.options.set_text(OptionCode::tftp_server_name, reply.siaddr.to_string());
    reply.options.set_text(OptionCode::boot_file_name, file);
    // RFC 5970 and UEFI's HTTP boot: a client of that class takes an offer of that class alone.
    constexpr std::string_view http_boot = "HTTPClient";
    if (asked.options.text(OptionCode::vendor_class).starts_with(http_boot)) {
        reply.options.set_text(OptionCode::vendor_class, http_boot);
    }
}

// RFC 2131 4.1: where to; and no longer than the client takes. What it can do without goes first.
std::optional<Reply> Server::finish(const Asked& asked, Message message, CounterOf<DhcpServerCounters> counter) {
    const bool refused = message.type() == MessageType::nak;
    Reply reply{.message = std::move(message), .to = Ipv4Address::broadcast()};
    if (!asked.message.giaddr.is_any()) {
        reply.to = asked.message.giaddr;
        reply.port = server_port;
    } else if (!refused && !asked.message.ciaddr.is_any()) {
        reply.to = asked.message.ciaddr;
    }
    constexpr std::size_t headers = 28;  // of IP and UDP, which option 57 counts too
    const std::size_t takes = asked.message.options.u16(OptionCode::message_size_max).value_or(0);
    reply.bytes_max = std::clamp(takes, Message::size_assured + headers, Message::size_max + headers) - headers;
    bool shortened = false;
    for (const OptionCode code :
         {OptionCode::tftp_server_name, OptionCode::broadcast_address, OptionCode::interface_mtu,
          OptionCode::boot_file_name, OptionCode::domain_name, OptionCode::domain_name_server, OptionCode::router}) {
        if (reply.message.serialize(reply.bytes_max)) break;
        shortened = shortened || reply.message.options.has(code);
        reply.message.options.remove(code);
    }
    if (shortened) ++counters_.dhcpOutShortened;
    ++(counters_.*counter);
    return reply;
}

void Server::tell(Instant now, const std::string& line) {
    if (lines_.allow(now, options_.line_interval, options_.lines_burst_max)) tell_(line);
}

}  // namespace strata::application::dhcp
