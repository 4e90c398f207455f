#include "strata/5_session/rpc/message/message.hpp"

#include <optional>

#include "strata/5_session/rpc/message/words.hpp"

namespace strata::session::rpc {
namespace {

enum class MessageType : std::uint32_t { call, reply };
enum class ReplyStat : std::uint32_t { accepted, denied };
enum class RejectStat : std::uint32_t { rpc_mismatch, auth_error };

// Nothing if its length is more than there may be; a message that is too short shows in the words.
std::optional<OpaqueAuth> take_auth(Words& words) noexcept {
    OpaqueAuth auth;
    auth.flavor = static_cast<Flavor>(words.word());
    const std::uint32_t size = words.word();
    if (size > auth_body_max) return std::nullopt;
    auth.body = words.opaque(size);
    return auth;
}

// accept_stat has the order of Outcome.
constexpr std::uint32_t accept_stat_last = static_cast<std::uint32_t>(Outcome::system_error);

bool take_accepted(Words& words, ReplyMessage& reply) noexcept {
    const auto verifier = take_auth(words);
    if (!verifier) return false;
    reply.verifier = *verifier;
    const std::uint32_t stat = words.word();
    if (stat > accept_stat_last) return false;
    reply.status.outcome = static_cast<Outcome>(stat);
    if (reply.status.outcome == Outcome::program_mismatch) {
        reply.status.versions.low = words.word();
        reply.status.versions.high = words.word();
    }
    if (reply.status.outcome == Outcome::success) reply.results = words.rest();
    return true;
}

bool take_denied(Words& words, ReplyMessage& reply) noexcept {
    switch (static_cast<RejectStat>(words.word())) {
        case RejectStat::rpc_mismatch:
            reply.status.outcome = Outcome::rpc_mismatch;
            reply.status.versions.low = words.word();
            reply.status.versions.high = words.word();
            return true;
        case RejectStat::auth_error:
            reply.status = Status::auth_error(static_cast<AuthStatus>(words.word()));
            return true;
    }
    return false;
}

}  // namespace

Result<std::variant<CallMessage, RefusedCall>> parse_call(Bytes message) {
    Words words(message);
    CallMessage call;
    call.xid = words.word();
    const auto type = static_cast<MessageType>(words.word());
    const std::uint32_t version = words.word();
    if (!words.ok()) return fail(Error::truncated);
    if (type != MessageType::call) return fail(Error::malformed);
    if (version != rpc_version) {
        return RefusedCall{call.xid, {Outcome::rpc_mismatch, {}, {rpc_version, rpc_version}}};
    }
    call.target.program = words.word();
    call.target.version = words.word();
    call.target.procedure = words.word();
    const auto credentials = take_auth(words);
    if (!credentials) return RefusedCall{call.xid, Status::auth_error(AuthStatus::bad_credentials)};
    const auto verifier = take_auth(words);
    if (!verifier) return RefusedCall{call.xid, Status::auth_error(AuthStatus::bad_verifier)};
    if (!words.ok()) return fail(Error::truncated);
    call.credentials = *credentials;
    call.verifier = *verifier;
    call.arguments = words.rest();
    return call;
}

Result<ReplyMessage> parse_reply(Bytes message) {
    Words words(message);
    ReplyMessage reply;
    reply.xid = words.word();
    const auto type = static_cast<MessageType>(words.word());
    const auto stat = static_cast<ReplyStat>(words.word());
    if (!words.ok()) return fail(Error::truncated);
    if (type != MessageType::reply || stat > ReplyStat::denied) return fail(Error::malformed);
    const bool taken = stat == ReplyStat::accepted ? take_accepted(words, reply) : take_denied(words, reply);
    if (!words.ok()) return fail(Error::truncated);
    if (!taken) return fail(Error::malformed);
    return reply;
}

void append_call_header(std::vector<std::byte>& to, std::uint32_t xid, const Target& target,
                        const Credentials& credentials) {
    append_word(to, xid);
    append_word(to, static_cast<std::uint32_t>(MessageType::call));
    append_word(to, rpc_version);
    append_word(to, target.program);
    append_word(to, target.version);
    append_word(to, target.procedure);
    append_credentials(to, credentials);
    append_credentials(to, {});  // the verifier, of AUTH_SYS too (RFC 5531 appendix A)
}

void append_reply_header(std::vector<std::byte>& to, std::uint32_t xid, const Status& status) {
    append_word(to, xid);
    append_word(to, static_cast<std::uint32_t>(MessageType::reply));
    const bool denied = status.outcome > Outcome::system_error;
    append_word(to, static_cast<std::uint32_t>(denied ? ReplyStat::denied : ReplyStat::accepted));
    if (status.outcome == Outcome::auth_error) {
        append_word(to, static_cast<std::uint32_t>(RejectStat::auth_error));
        return append_word(to, static_cast<std::uint32_t>(status.auth));
    }
    if (denied) {
        append_word(to, static_cast<std::uint32_t>(RejectStat::rpc_mismatch));
    } else {
        append_credentials(to, {});
        append_word(to, static_cast<std::uint32_t>(status.outcome));
    }
    if (status.outcome == Outcome::program_mismatch || denied) {
        append_word(to, status.versions.low);
        append_word(to, status.versions.high);
    }
}

}  // namespace strata::session::rpc
