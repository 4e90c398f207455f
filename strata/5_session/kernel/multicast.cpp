#include "strata/5_session/kernel/multicast.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>

#include "strata/5_session/asio/error.hpp"

namespace strata::session::kernel {
namespace {

template <typename Value>
error_code set_ipv4(int descriptor, int name, const Value& value) noexcept {
    if (::setsockopt(descriptor, IPPROTO_IP, name, &value, sizeof value) == 0) return {};
    return last_error();
}

in_addr in_addr_of(const IpAddress& address) noexcept { return {htonl(address.v4().value())}; }

error_code change(int descriptor, const GroupMembership& membership, int any_source, int one_source) noexcept {
    if (!membership.group.is_v4() || !membership.source.is_v4() || !membership.interface.is_v4()) {
        return asio::error::operation_not_supported;
    }
    const in_addr group = in_addr_of(membership.group);
    const in_addr interface = in_addr_of(membership.interface);
    if (membership.source.is_any()) {
        return set_ipv4(descriptor, any_source, ip_mreq{.imr_multiaddr = group, .imr_interface = interface});
    }
    return set_ipv4(
        descriptor, one_source,
        ip_mreq_source{
            .imr_multiaddr = group, .imr_interface = interface, .imr_sourceaddr = in_addr_of(membership.source)});
}

}  // namespace

error_code join_group(int descriptor, const GroupMembership& membership) noexcept {
    return change(descriptor, membership, IP_ADD_MEMBERSHIP, IP_ADD_SOURCE_MEMBERSHIP);
}

error_code leave_group(int descriptor, const GroupMembership& membership) noexcept {
    return change(descriptor, membership, IP_DROP_MEMBERSHIP, IP_DROP_SOURCE_MEMBERSHIP);
}

error_code set_multicast_ttl_of(int descriptor, std::uint8_t ttl) noexcept {
    if (ttl == 0) return asio::error::invalid_argument;
    return set_ipv4(descriptor, IP_MULTICAST_TTL, int{ttl});
}

error_code set_multicast_loop_of(int descriptor, bool loop) noexcept {
    return set_ipv4(descriptor, IP_MULTICAST_LOOP, loop ? 1 : 0);
}

error_code set_multicast_interface_of(int descriptor, const IpAddress& own) noexcept {
    if (!own.is_v4()) return asio::error::operation_not_supported;
    return set_ipv4(descriptor, IP_MULTICAST_IF, in_addr_of(own));
}

error_code hear_joined_groups_only(int descriptor) noexcept { return set_ipv4(descriptor, IP_MULTICAST_ALL, 0); }

}  // namespace strata::session::kernel
