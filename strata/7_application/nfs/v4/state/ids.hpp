// How clients and what they have are named to them (RFC 7530 9.1.1,
// 9.1.4). Each name says in which run of the server it was given, so
// that those of an earlier one are told from those that never were.
//
//     clientid  | run 4 | client 4 |        stateid.other  | run 4 | client 4 | state 4 |
#pragma once

#include <algorithm>

#include "strata/7_application/nfs/v4/message/basic.hpp"

namespace strata::application::nfs::v4 {

using ClientNumber = std::uint32_t;
using StateNumber = std::uint32_t;

[[nodiscard]] constexpr std::uint64_t client_id_of(std::uint32_t run, ClientNumber client) noexcept {
    return static_cast<std::uint64_t>(run) << 32u | client;
}
[[nodiscard]] constexpr std::uint32_t run_of(std::uint64_t client_id) noexcept {
    return static_cast<std::uint32_t>(client_id >> 32u);
}
[[nodiscard]] constexpr ClientNumber client_of(std::uint64_t client_id) noexcept {
    return static_cast<ClientNumber>(client_id);
}

[[nodiscard]] inline Stateid stateid_of(std::uint32_t run, ClientNumber client, StateNumber state,
                                        std::uint32_t seqid) noexcept {
    Stateid id{seqid, {}};
    store_be32(id.other.data(), run);
    store_be32(id.other.data() + 4, client);
    store_be32(id.other.data() + 8, state);
    return id;
}
[[nodiscard]] inline std::uint32_t run_of(const Stateid& id) noexcept { return load_be32(id.other.data()); }
[[nodiscard]] inline ClientNumber client_of(const Stateid& id) noexcept { return load_be32(id.other.data() + 4); }
[[nodiscard]] inline StateNumber state_of(const Stateid& id) noexcept { return load_be32(id.other.data() + 8); }

// RFC 7530 9.1.4.3: all zeros and all ones are nobody's.
[[nodiscard]] inline bool is_all(const Stateid& id, std::byte what) noexcept {
    const std::uint32_t seqid = what == std::byte{} ? 0 : ~0u;
    return id.seqid == seqid && std::ranges::all_of(id.other, [&](std::byte byte) { return byte == what; });
}
[[nodiscard]] inline bool is_anonymous(const Stateid& id) noexcept { return is_all(id, std::byte{0}); }
[[nodiscard]] inline bool is_read_bypass(const Stateid& id) noexcept { return is_all(id, std::byte{0xff}); }

}  // namespace strata::application::nfs::v4
