// Who calls (RFC 5531 8.2): AUTH_NONE and AUTH_SYS. AUTH_SYS is what a client says of itself, and
// nothing proves it: a program believes it of hosts that it trusts, or not at all.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "strata/0_foundation/bytes.hpp"
#include "strata/5_session/rpc/message/status.hpp"

namespace strata::session::rpc {

inline constexpr std::size_t auth_body_max = 400;     // RFC 5531 8.2
inline constexpr std::size_t machine_name_max = 255;  // RFC 5531 appendix A
inline constexpr std::size_t gids_max = 16;

// auth_flavor. There are more: they are kept as their number.
enum class Flavor : std::uint32_t {
    none = 0,
    sys = 1,
    short_hand = 2,  // AUTH_SHORT: a server's own name for an AUTH_SYS; ours gives none out
};

// opaque_auth: a view.
struct OpaqueAuth {
    Flavor flavor = Flavor::none;
    Bytes body{};
};

// authsys_parms (RFC 5531 appendix A).
struct AuthSys {
    std::uint32_t stamp = 0;
    std::string machine_name{};  // what the client calls itself
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    std::array<std::uint32_t, gids_max> more_gids{};
    std::size_t more_gids_count = 0;

    [[nodiscard]] std::span<const std::uint32_t> gids() const noexcept {
        return std::span(more_gids).first(more_gids_count);
    }
    bool operator==(const AuthSys&) const = default;
};

// Nothing is AUTH_NONE.
using Credentials = std::optional<AuthSys>;

// Errors: bad_credentials for what is not in the form of its flavor, rejected_credentials for a
// flavor that is neither (a client that used AUTH_SHORT must begin anew).
[[nodiscard]] std::expected<Credentials, AuthStatus> credentials_of(const OpaqueAuth& auth);
// As an opaque_auth with its flavor and length. What is too long of it is cut off.
void append_credentials(std::vector<std::byte>& to, const Credentials& credentials);

}  // namespace strata::session::rpc
