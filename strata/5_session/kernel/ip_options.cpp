#include "strata/5_session/kernel/ip_options.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <boost/asio/error.hpp>
#include <cerrno>

namespace strata::session::kernel {

namespace asio = boost::asio;

namespace {

error_code set(int descriptor, int level, int name, int value) noexcept {
    if (::setsockopt(descriptor, level, name, &value, sizeof value) == 0) return {};
    return {errno, boost::system::system_category()};
}

// The same for both versions: a socket for both sends each packet by its own.
error_code set_both(int descriptor, int v4_name, int v6_name, int value) noexcept {
    int family = 0;
    socklen_t size = sizeof family;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size) != 0) return asio::error::bad_descriptor;
    if (family != AF_INET && family != AF_INET6) return asio::error::operation_not_supported;
    const error_code error = set(descriptor, IPPROTO_IP, v4_name, value);
    if (family == AF_INET) return error;
    return set(descriptor, IPPROTO_IPV6, v6_name, value);
}

}  // namespace

error_code set_ttl_of(int descriptor, std::uint8_t ttl) noexcept {
    if (ttl == 0) return asio::error::invalid_argument;
    return set_both(descriptor, IP_TTL, IPV6_UNICAST_HOPS, ttl);
}

error_code set_traffic_class_of(int descriptor, std::uint8_t traffic_class) noexcept {
    return set_both(descriptor, IP_TOS, IPV6_TCLASS, traffic_class);
}

error_code set_fragmentation_of(int descriptor, network::Fragmentation how) noexcept {
    const auto value = [&] {
        switch (how) {
            case network::Fragmentation::forbidden: return IP_PMTUDISC_DO;
            case network::Fragmentation::probing: return IP_PMTUDISC_PROBE;
            case network::Fragmentation::when_needed: return IP_PMTUDISC_WANT;
            case network::Fragmentation::allowed: return IP_PMTUDISC_DONT;
        }
        return IP_PMTUDISC_WANT;
    };
    return set_both(descriptor, IP_MTU_DISCOVER, IPV6_MTU_DISCOVER, value());
}

error_code bind_to_interface(int descriptor, std::string_view name) noexcept {
    const auto size = static_cast<socklen_t>(name.size());
    if (::setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, name.data(), size) == 0) return {};
    return {errno, boost::system::system_category()};
}

}  // namespace strata::session::kernel
