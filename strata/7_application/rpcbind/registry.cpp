#include "strata/7_application/rpcbind/registry.hpp"

#include "strata/7_application/rpcbind/universal_address.hpp"

namespace strata::application::rpcbind {

std::string_view Registration::netid() const noexcept { return netid_of(transport, address); }

bool Registry::add(Registration registration) {
    if (const Registration* there = find(registration.program, registration.version, registration.netid(), false))
        return there->address == registration.address;
    if (registrations_.size() >= options_.registrations_max) return false;
    registrations_.push_back(std::move(registration));
    return true;
}

bool Registry::add_program(std::uint32_t number, const session::rpc::Versions& versions, const session::Address& at) {
    using session::rpc::Transport;
    bool all = true;
    for (std::uint32_t version = versions.low; version <= versions.high; ++version) {
        all = add({number, version, Transport::stream, at, "strata", true}) && all;
        if (!at.is_unix()) all = add({number, version, Transport::datagram, at, "strata", true}) && all;
    }
    const bool by_ipv4_too = !at.is_unix() && at.endpoint().address == IpAddress{Ipv6Address{}};
    if (!by_ipv4_too) return all;
    return add_program(number, versions, {Ipv4Address::any(), number_of(at.endpoint().port)}) && all;
}

bool Registry::remove(std::uint32_t program, std::uint32_t version, std::string_view netid) {
    return std::erase_if(registrations_, [&](const Registration& one) {
               return one.program == program && one.version == version && !one.fixed &&
                      (netid.empty() || one.netid() == netid);
           }) > 0;
}

const Registration* Registry::find(std::uint32_t program, std::uint32_t version, std::string_view netid,
                                   bool any_version) const noexcept {
    const Registration* other = nullptr;
    for (const Registration& one : registrations_) {
        if (one.program != program || one.netid() != netid) continue;
        if (one.version == version) return &one;
        other = &one;
    }
    return any_version ? other : nullptr;
}

}  // namespace strata::application::rpcbind
