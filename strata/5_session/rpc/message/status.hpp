// Status: how a call ended for the server (RFC 5531 9): accept_stat, reject_stat and auth_stat in
// one value. A server answers with it, a client reads it and makes an error of it.
#pragma once

#include <boost/system/error_code.hpp>
#include <cstdint>
#include <type_traits>

namespace strata::session::rpc {

// From `low` to `high`, both of them included.
struct Versions {
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    [[nodiscard]] constexpr bool has(std::uint32_t version) const noexcept { return version >= low && version <= high; }
    bool operator==(const Versions&) const = default;
};

enum class Outcome : std::uint8_t {
    success,                // SUCCESS: results follow
    program_unavailable,    // PROG_UNAVAIL
    program_mismatch,       // PROG_MISMATCH, with the versions that there are
    procedure_unavailable,  // PROC_UNAVAIL
    garbage_arguments,      // GARBAGE_ARGS
    system_error,           // SYSTEM_ERR
    rpc_mismatch,           // RPC_MISMATCH, with the versions of RPC that there are
    auth_error,             // AUTH_ERROR, with an auth_stat
};

// auth_stat, the numbers of RFC 5531 9. Others that a peer may say are kept as they are.
enum class AuthStatus : std::uint32_t {
    ok = 0,
    bad_credentials = 1,       // AUTH_BADCRED
    rejected_credentials = 2,  // AUTH_REJECTEDCRED: the client must begin anew
    bad_verifier = 3,          // AUTH_BADVERF
    rejected_verifier = 4,     // AUTH_REJECTEDVERF
    too_weak = 5,              // AUTH_TOOWEAK
    invalid_response = 6,      // AUTH_INVALIDRESP
    failed = 7,                // AUTH_FAILED
};

struct Status {
    Outcome outcome = Outcome::success;
    AuthStatus auth = AuthStatus::ok;  // of auth_error
    Versions versions{};               // of program_mismatch and rpc_mismatch
    bool operator==(const Status&) const = default;

    [[nodiscard]] static constexpr Status auth_error(AuthStatus why) noexcept { return {Outcome::auth_error, why, {}}; }
    [[nodiscard]] static constexpr Status program_mismatch(Versions there) noexcept {
        return {Outcome::program_mismatch, {}, there};
    }
};

// What a call can fail with, beside the errors of the network and timed_out.
enum class Errc {
    program_unavailable = 1,
    program_mismatch,
    procedure_unavailable,
    garbage_arguments,
    system_error,
    rpc_mismatch,
    bad_credentials,
    rejected_credentials,
    bad_verifier,
    rejected_verifier,
    too_weak,
    auth_failed,     // any other auth_stat
    bad_reply,       // what came is no reply, or not in the form that was expected
    too_many_calls,  // of our own: calls_max wait for their replies
    call_too_long,   // of our own: it does not fit into a datagram, or a record
};

[[nodiscard]] const boost::system::error_category& error_category() noexcept;
[[nodiscard]] inline boost::system::error_code make_error_code(Errc error) noexcept {
    return {static_cast<int>(error), error_category()};
}
// None for success.
[[nodiscard]] boost::system::error_code error_of(const Status& status) noexcept;

}  // namespace strata::session::rpc

template <>
struct boost::system::is_error_code_enum<strata::session::rpc::Errc> : std::true_type {};
