#include "strata/5_session/kernel/address.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/asio/error.hpp>
#include <cstddef>
#include <cstring>

namespace strata::session::kernel {
namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);

std::size_t store_unix(const std::string& path, sockaddr_storage& to) noexcept {
    sockaddr_un unix_address{};
    unix_address.sun_family = AF_UNIX;
    const bool abstract = path.starts_with('@');
    if (path.size() + (abstract ? 0 : 1) > sizeof unix_address.sun_path) return 0;
    if (path.find('\0') != std::string::npos) return 0;
    std::memcpy(unix_address.sun_path, path.data(), path.size());
    if (abstract) unix_address.sun_path[0] = '\0';
    std::memcpy(&to, &unix_address, sizeof unix_address);
    // An empty path is the family alone: bind(2) then chooses a name (unix(7), autobind).
    if (path.empty()) return path_offset;
    return path_offset + path.size() + (abstract ? 0 : 1);
}

Address load_unix(const void* from, std::size_t size) {
    sockaddr_un unix_address{};
    std::memcpy(&unix_address, from, std::min(size, sizeof unix_address));
    if (size <= path_offset) return UnixPath{};
    std::string path(unix_address.sun_path, std::min(size - path_offset, sizeof unix_address.sun_path));
    if (path.starts_with('\0')) {
        path[0] = '@';
    } else {
        path.resize(std::strlen(path.c_str()));
    }
    return UnixPath{std::move(path)};
}

}  // namespace

int family_of(const Address& address) noexcept {
    if (address.is_unix()) return AF_UNIX;
    return address.endpoint().address.is_v4() ? AF_INET : AF_INET6;
}

std::size_t store(const Address& address, int family, sockaddr_storage& to) noexcept {
    if (address.is_unix()) return store_unix(address.unix_path().path, to);
    const Endpoint& endpoint = address.endpoint();
    if (family == AF_INET) {
        sockaddr_in v4{};
        v4.sin_family = AF_INET;
        v4.sin_port = htons(number_of(endpoint.port));
        v4.sin_addr.s_addr = htonl(endpoint.address.v4().value());
        std::memcpy(&to, &v4, sizeof v4);
        return sizeof v4;
    }
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(number_of(endpoint.port));
    const auto octets = endpoint.address.v6().octets();
    std::memcpy(&v6.sin6_addr, octets.data(), octets.size());
    std::memcpy(&to, &v6, sizeof v6);
    return sizeof v6;
}

Address load(const void* from, std::size_t size) {
    sa_family_t family = AF_UNSPEC;
    if (size >= sizeof family) std::memcpy(&family, from, sizeof family);
    if (family == AF_INET && size >= sizeof(sockaddr_in)) {
        sockaddr_in v4{};
        std::memcpy(&v4, from, sizeof v4);
        return {IpAddress{Ipv4Address{ntohl(v4.sin_addr.s_addr)}}, ntohs(v4.sin_port)};
    }
    if (family == AF_INET6 && size >= sizeof(sockaddr_in6)) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, from, sizeof v6);
        return {IpAddress{Ipv6Address::load(reinterpret_cast<const std::byte*>(&v6.sin6_addr))}, ntohs(v6.sin6_port)};
    }
    return load_unix(from, size);
}

template <typename Endpoint>
Endpoint endpoint_of(const Address& address, int family, error_code& error) {
    sockaddr_storage storage{};
    const std::size_t size = store(address, family, storage);
    if (size == 0) {
        error = asio::error::name_too_long;
        return {};
    }
    return Endpoint(&storage, size, 0);
}

template asio::generic::stream_protocol::endpoint endpoint_of(const Address&, int, error_code&);
template asio::generic::datagram_protocol::endpoint endpoint_of(const Address&, int, error_code&);

}  // namespace strata::session::kernel
