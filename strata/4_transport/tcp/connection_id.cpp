#include "strata/4_transport/tcp/connection_id.hpp"

#include <array>

namespace strata::transport::tcp {
namespace {

std::uint64_t keyed_hash(const SipKey& key, const ConnectionId& id) noexcept {
    std::array<std::byte, 36> message{};
    id.local.address.v6().store(message.data());
    id.remote.address.v6().store(message.data() + 16);
    store_be16(message.data() + 32, number_of(id.local.port));
    store_be16(message.data() + 34, number_of(id.remote.port));
    return siphash(key, message);
}

}  // namespace

std::size_t ConnectionIdHash::operator()(const ConnectionId& id) const noexcept { return keyed_hash(key, id); }

std::uint32_t initial_sequence_offset(const SipKey& secret, const ConnectionId& id) noexcept {
    return static_cast<std::uint32_t>(keyed_hash(secret, id));
}

}  // namespace strata::transport::tcp
