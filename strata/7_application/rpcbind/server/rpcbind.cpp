#include "strata/7_application/rpcbind/server/rpcbind.hpp"

#include <deque>

#include "strata/6_presentation/xdr/rpc_form.hpp"
#include "strata/7_application/rpcbind/universal_address.hpp"

namespace strata::application::rpcbind {
namespace {

namespace rpc = session::rpc;
namespace xdr = presentation::xdr;
using rpc::Outcome;
using rpc::Reply;
using rpc::Transport;

bool is_of_this_machine(const session::Address& client) {
    return client.is_unix() || client.endpoint().address.is_loopback();
}
bool may_change(const rpc::Call& call) {
    return call.transport == Transport::stream && is_of_this_machine(call.client);
}
bool may_hear_much(const rpc::Call& call) {
    return call.transport == Transport::stream || is_of_this_machine(call.client);
}

std::string owner_of(const rpc::Call& call) {
    return call.credentials ? std::to_string(call.credentials->uid) : "unknown";
}

std::optional<Registration> registration_of(const Mapping& mapping) {
    if (mapping.protocol != Mapping::tcp && mapping.protocol != Mapping::udp) return std::nullopt;
    if (mapping.port == 0 || mapping.port > 65535) return std::nullopt;
    const Transport transport = mapping.protocol == Mapping::tcp ? Transport::stream : Transport::datagram;
    return Registration{
        mapping.program, mapping.version, transport, {Ipv4Address{}, static_cast<std::uint16_t>(mapping.port)}};
}

// Nothing if netid and address are not of one kind.
std::optional<Registration> registration_of(const Binding& binding) {
    Registration registration{binding.program, binding.version};
    if (binding.netid == "local") {
        registration.address = session::UnixPath{std::string(binding.address)};
    } else {
        const auto endpoint = parse_universal_address(binding.address);
        if (!endpoint) return std::nullopt;
        registration.address = *endpoint;
        if (binding.netid.starts_with("udp")) registration.transport = Transport::datagram;
    }
    if (registration.netid() != binding.netid) return std::nullopt;
    return registration;
}

// Where the client finds it: at the address by which it says that it found us (r_addr), or, as far
// as we know, did, where the registration has any. Behind a gateway it alone knows.
session::Address as_seen_by(const rpc::Call& call, std::string_view hint, const session::Address& registered) {
    if (registered.is_unix() || !registered.endpoint().address.is_any()) return registered;
    const IpVersion version = registered.endpoint().address.version();
    Endpoint found = registered.endpoint();
    const auto hinted = parse_universal_address(hint);
    if (hinted && !hinted->address.is_any() && hinted->address.version() == version) {
        found.address = hinted->address;
    } else if (!call.server.is_unix() && !call.server.endpoint().address.is_any()) {
        found.address = call.server.endpoint().address;
    }
    return found.address.version() == version ? session::Address(found) : registered;
}

}  // namespace

bool Rpcbind::is_idempotent(const rpc::Target& target) const noexcept {
    return target.procedure != Procedure::set && target.procedure != Procedure::unset;
}

session::asio::awaitable<Reply> Rpcbind::handle(const Call& call) {
    co_return call.target.version == 2 ? answer_port_mapper(call) : answer(call);
}

Reply Rpcbind::answer_port_mapper(const Call& call) {
    switch (call.target.procedure) {
        case Procedure::set:
        case Procedure::unset: return change_mapping(call);
        case Procedure::get_port: return tell_port(call);
        case Procedure::dump: return tell_mappings(call);
        default: return Reply::refused(Outcome::procedure_unavailable);
    }
}

Reply Rpcbind::answer(const Call& call) {
    const bool is_v4 = call.target.version == 4;
    switch (call.target.procedure) {
        case Procedure::set:
        case Procedure::unset: return change_binding(call);
        case Procedure::get_port: return tell_address(call, true);
        case Procedure::dump: return tell_bindings(call);
        case Procedure::get_time:
            return xdr::reply_of(
                call,
                static_cast<std::uint32_t>(
                    std::chrono::duration_cast<std::chrono::seconds>(network_.calendar().time_since_epoch()).count()));
        case Procedure::get_vers_addr:
            if (is_v4) return tell_address(call, false);
            break;
        case Procedure::get_addr_list:
            if (is_v4) return tell_transports(call);
            break;
        default: break;
    }
    return Reply::refused(Outcome::procedure_unavailable);
}

Reply Rpcbind::change_mapping(const Call& call) {
    const auto mapping = xdr::arguments_of<Mapping>(call);
    if (!mapping) return Reply::refused(Outcome::garbage_arguments);
    if (!may_change(call)) return xdr::reply_of(call, false);
    if (call.target.procedure == Procedure::unset) {
        // Of both transports: protocol and port are ignored (RFC 1833 3.2).
        const bool tcp = registry_.remove(mapping->program, mapping->version, "tcp");
        const bool udp = registry_.remove(mapping->program, mapping->version, "udp");
        return xdr::reply_of(call, tcp || udp);
    }
    auto registration = registration_of(*mapping);
    if (registration) registration->owner = owner_of(call);
    return xdr::reply_of(call, registration && registry_.add(std::move(*registration)));
}

Reply Rpcbind::change_binding(const Call& call) {
    const auto binding = xdr::arguments_of<Binding>(call);
    if (!binding) return Reply::refused(Outcome::garbage_arguments);
    if (!may_change(call)) return xdr::reply_of(call, false);
    if (call.target.procedure == Procedure::unset)
        return xdr::reply_of(call, registry_.remove(binding->program, binding->version, binding->netid));
    auto registration = registration_of(*binding);
    if (registration) registration->owner = owner_of(call);
    return xdr::reply_of(call, registration && registry_.add(std::move(*registration)));
}

// 0: it is not there.
Reply Rpcbind::tell_port(const Call& call) const {
    const auto mapping = xdr::arguments_of<Mapping>(call);
    if (!mapping) return Reply::refused(Outcome::garbage_arguments);
    const std::string_view netid = mapping->protocol == Mapping::tcp   ? "tcp"
                                   : mapping->protocol == Mapping::udp ? "udp"
                                                                       : "";
    const Registration* found = registry_.find(mapping->program, mapping->version, netid);
    return xdr::reply_of(
        call, std::uint32_t{found == nullptr ? std::uint16_t{0} : number_of(found->address.endpoint().port)});
}

// Empty: it is not there. Without a netid it is the one that the call came by.
Reply Rpcbind::tell_address(const Call& call, bool any_version) const {
    const auto binding = xdr::arguments_of<Binding>(call);
    if (!binding) return Reply::refused(Outcome::garbage_arguments);
    const std::string_view netid =
        binding->netid.empty() ? netid_of(call.transport, call.client) : std::string_view(binding->netid);
    const Registration* found = registry_.find(binding->program, binding->version, netid, any_version);
    const std::string address =
        found == nullptr ? std::string() : universal_address(as_seen_by(call, binding->address, found->address));
    return xdr::reply_of(call, UniversalAddress(address));
}

Reply Rpcbind::tell_mappings(const Call& call) const {
    if (!may_hear_much(call)) return Reply::refused(Outcome::procedure_unavailable);
    Mappings mappings;
    for (const Registration& one : registry_.all()) {
        if (one.netid() != "tcp" && one.netid() != "udp") continue;
        const std::uint32_t protocol = one.transport == Transport::stream ? Mapping::tcp : Mapping::udp;
        mappings.push_back({one.program, one.version, protocol, number_of(one.address.endpoint().port)});
    }
    return xdr::reply_of(call, mappings);
}

Reply Rpcbind::tell_bindings(const Call& call) const {
    if (!may_hear_much(call)) return Reply::refused(Outcome::procedure_unavailable);
    std::deque<std::string> addresses;  // which the bindings point into
    Bindings bindings;
    for (const Registration& one : registry_.all()) {
        const std::string& address = addresses.emplace_back(universal_address(one.address));
        bindings.push_back(
            {one.program, one.version, one.netid(), std::string_view(address), std::string_view(one.owner)});
    }
    return xdr::reply_of(call, bindings);
}

Reply Rpcbind::tell_transports(const Call& call) const {
    if (!may_hear_much(call)) return Reply::refused(Outcome::procedure_unavailable);
    const auto binding = xdr::arguments_of<Binding>(call);
    if (!binding) return Reply::refused(Outcome::garbage_arguments);
    std::deque<std::string> addresses;
    TransportEntries entries;
    for (const Registration& one : registry_.all()) {
        if (one.program != binding->program || one.version != binding->version) continue;
        const bool is_stream = one.transport == Transport::stream;
        const std::string& address =
            addresses.emplace_back(universal_address(as_seen_by(call, binding->address, one.address)));
        const bool is_local = one.address.is_unix();
        const bool is_v4 = !is_local && one.address.endpoint().address.is_v4();
        entries.push_back({std::string_view(address), one.netid(), is_stream ? 3u : 1u,
                           is_local ? "loopback" : (is_v4 ? "inet" : "inet6"),
                           is_local ? "-" : (is_stream ? "tcp" : "udp")});
    }
    return xdr::reply_of(call, entries);
}

}  // namespace strata::application::rpcbind
