// Addresses in the kernel's form (sockaddr), and back. For the sources of kernel/ only.
#pragma once

#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <cstdint>

#include "strata/5_session/address.hpp"

struct sockaddr_storage;

namespace strata::session::kernel {

namespace asio = boost::asio;
using boost::system::error_code;

// AF_INET, AF_INET6 or AF_UNIX.
[[nodiscard]] int family_of(const Address& address) noexcept;

// Fills `to` and returns its length; 0 if the path of a Unix socket is too long (108 bytes with its
// NUL) or has a NUL in it. An IPv4 address for a socket of family AF_INET6 is mapped (RFC 4291
// 2.5.5.2).
[[nodiscard]] std::size_t store(const Address& address, int family, sockaddr_storage& to) noexcept;
[[nodiscard]] Address load(const void* from, std::size_t size);

// Asio's endpoint; `error` as store() says.
template <typename Endpoint>
[[nodiscard]] Endpoint endpoint_of(const Address& address, int family, error_code& error);
extern template asio::generic::stream_protocol::endpoint endpoint_of(const Address&, int, error_code&);
extern template asio::generic::datagram_protocol::endpoint endpoint_of(const Address&, int, error_code&);

template <typename Endpoint>
[[nodiscard]] Address address_of(const Endpoint& endpoint) {
    return load(endpoint.data(), endpoint.size());
}

}  // namespace strata::session::kernel
