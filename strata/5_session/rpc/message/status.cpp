#include "strata/5_session/rpc/message/status.hpp"

#include <string>

namespace strata::session::rpc {
namespace {

class RpcCategory final : public boost::system::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "strata.rpc"; }
    [[nodiscard]] std::string message(int value) const override {
        switch (static_cast<Errc>(value)) {
            case Errc::program_unavailable: return "the server has no such program (PROG_UNAVAIL)";
            case Errc::program_mismatch: return "the server has other versions of the program (PROG_MISMATCH)";
            case Errc::procedure_unavailable: return "the program has no such procedure (PROC_UNAVAIL)";
            case Errc::garbage_arguments: return "the server cannot read the arguments (GARBAGE_ARGS)";
            case Errc::system_error: return "the server failed (SYSTEM_ERR)";
            case Errc::rpc_mismatch: return "the server speaks another version of RPC (RPC_MISMATCH)";
            case Errc::bad_credentials: return "the server cannot read the credentials (AUTH_BADCRED)";
            case Errc::rejected_credentials: return "the server does not take such credentials (AUTH_REJECTEDCRED)";
            case Errc::bad_verifier: return "the server cannot read the verifier (AUTH_BADVERF)";
            case Errc::rejected_verifier: return "the server does not take such a verifier (AUTH_REJECTEDVERF)";
            case Errc::too_weak: return "the server wants to know who calls (AUTH_TOOWEAK)";
            case Errc::auth_failed: return "the server does not believe who calls";
            case Errc::bad_reply: return "the reply is not in the form of RPC";
            case Errc::too_many_calls: return "too many calls wait for their replies";
            case Errc::call_too_long: return "the call is longer than a message may be";
        }
        return "an unknown error of RPC";
    }
};

Errc errc_of(AuthStatus status) noexcept {
    switch (status) {
        case AuthStatus::bad_credentials: return Errc::bad_credentials;
        case AuthStatus::rejected_credentials: return Errc::rejected_credentials;
        case AuthStatus::bad_verifier: return Errc::bad_verifier;
        case AuthStatus::rejected_verifier: return Errc::rejected_verifier;
        case AuthStatus::too_weak: return Errc::too_weak;
        default: return Errc::auth_failed;
    }
}

}  // namespace

const boost::system::error_category& error_category() noexcept {
    static const RpcCategory category;
    return category;
}

boost::system::error_code error_of(const Status& status) noexcept {
    switch (status.outcome) {
        case Outcome::success: return {};
        case Outcome::program_unavailable: return Errc::program_unavailable;
        case Outcome::program_mismatch: return Errc::program_mismatch;
        case Outcome::procedure_unavailable: return Errc::procedure_unavailable;
        case Outcome::garbage_arguments: return Errc::garbage_arguments;
        case Outcome::system_error: return Errc::system_error;
        case Outcome::rpc_mismatch: return Errc::rpc_mismatch;
        case Outcome::auth_error: return errc_of(status.auth);
    }
    return Errc::bad_reply;
}

}  // namespace strata::session::rpc
