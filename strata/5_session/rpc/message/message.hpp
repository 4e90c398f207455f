// The messages of ONC RPC version 2 (RFC 5531 9), in words of 32 bits, big-endian:
//
//     xid | 0 CALL  | 2 | program | version | procedure | credentials | verifier | arguments ...
//     xid | 1 REPLY | 0 MSG_ACCEPTED | verifier | accept_stat | results ...
//     xid | 1 REPLY | 1 MSG_DENIED | 0 RPC_MISMATCH | low | high
//     xid | 1 REPLY | 1 MSG_DENIED | 1 AUTH_ERROR | auth_stat
//
// Credentials and verifier are a flavor, a length and up to 400 bytes. Arguments and results are
// bytes here.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "strata/0_foundation/error.hpp"
#include "strata/5_session/rpc/message/authentication.hpp"
#include "strata/5_session/rpc/message/status.hpp"

namespace strata::session::rpc {

inline constexpr std::uint32_t rpc_version = 2;
// Each program has it, and it does nothing (RFC 5531 12.1): whoever calls it learns that the
// program is there.
inline constexpr std::uint32_t null_procedure = 0;

// Which procedure is called.
struct Target {
    std::uint32_t program = 0;
    std::uint32_t version = 0;
    std::uint32_t procedure = 0;
    auto operator<=>(const Target&) const = default;
};

struct CallMessage {
    std::uint32_t xid = 0;
    Target target;
    OpaqueAuth credentials;
    OpaqueAuth verifier;
    Bytes arguments;  // a view, as the two above
};

// A call that gets no further, and what its caller is told.
struct RefusedCall {
    std::uint32_t xid = 0;
    Status status;
};

// Errors, of what nobody can be answered to: truncated, malformed (not a CALL). Refused: another
// version of RPC, credentials or a verifier of more than 400 bytes.
[[nodiscard]] Result<std::variant<CallMessage, RefusedCall>> parse_call(Bytes message);

struct ReplyMessage {
    std::uint32_t xid = 0;
    Status status;
    OpaqueAuth verifier;  // of what was accepted
    Bytes results;        // of success; a view
};

// Errors: truncated, malformed (not a REPLY, a status that there is not, a verifier of more than
// 400 bytes).
[[nodiscard]] Result<ReplyMessage> parse_reply(Bytes message);

// The arguments follow it.
void append_call_header(std::vector<std::byte>& to, std::uint32_t xid, const Target& target,
                        const Credentials& credentials);
// For success the results follow it.
void append_reply_header(std::vector<std::byte>& to, std::uint32_t xid, const Status& status);

}  // namespace strata::session::rpc
