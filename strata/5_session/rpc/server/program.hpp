// Program: what a server offers under a number (RFC 5531 8.1): some versions of it, and procedures.
// A protocol derives one from it, and adds it to a Server.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>

#include "strata/5_session/address.hpp"
#include "strata/5_session/rpc/message/outgoing.hpp"

namespace strata::session::rpc {

enum class Transport : std::uint8_t { stream, datagram };

// A call that is being answered. It stays until its reply has been given.
struct Call {
    Target target;
    Credentials credentials;
    Address client;  // where it came from; a Unix path may be empty
    Address server;  // where it arrived; of a datagram the socket's own, which may be any address
    Transport transport = Transport::stream;
    Bytes arguments;               // a view
    std::size_t results_room = 0;  // bytes of results that can go back: a datagram has few
};

// What a procedure gives back: results, or why there are none.
struct Reply {
    Status status{};
    Body results{};

    [[nodiscard]] static Reply of(Body results) { return {{}, std::move(results)}; }
    // Of procedure_unavailable, garbage_arguments, system_error.
    [[nodiscard]] static Reply refused(Outcome why) { return {{why, {}, {}}, {}}; }
    [[nodiscard]] static Reply refused(AuthStatus why) { return {Status::auth_error(why), {}}; }
};

class Program {
public:
    Program() = default;
    Program(const Program&) = delete;
    Program& operator=(const Program&) = delete;
    virtual ~Program() = default;

    [[nodiscard]] virtual std::uint32_t number() const noexcept = 0;
    [[nodiscard]] virtual Versions versions() const noexcept = 0;
    // Whether doing it twice is as good as once. Of what is not, replies are kept for a while: a
    // call that comes again is answered with what the first one was. Data that such a reply has by
    // reference must have an owner.
    [[nodiscard]] virtual bool is_idempotent(const Target& target) const noexcept = 0;
    // The same, where it depends on the arguments.
    [[nodiscard]] virtual bool is_call_idempotent(const Call& call) const { return is_idempotent(call.target); }
    // Whoever does not say who he is (AUTH_NONE) is told AUTH_TOOWEAK.
    [[nodiscard]] virtual bool wants_auth_sys(const Target& target) const noexcept {
        (void)target;
        return false;
    }
    // Does it, for a version that there is; procedure 0 is answered without asking. What it throws
    // is SYSTEM_ERR to the client. Others are handled while one waits.
    [[nodiscard]] virtual asio::awaitable<Reply> handle(const Call& call) = 0;
};

}  // namespace strata::session::rpc
