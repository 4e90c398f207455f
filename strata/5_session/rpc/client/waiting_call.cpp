#include "strata/5_session/rpc/client/waiting_call.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <vector>

namespace strata::session::rpc {

WaitingCall::WaitingCall(WaitingCalls& among)
    : xid(among.next_xid_++), among_(among), timer_(among.network_.make_timer()) {
    if (among.calls_.size() >= among.at_once_) throw boost::system::system_error(Errc::too_many_calls);
    // One that has waited since 2^32 calls has it still.
    if (!among.calls_.try_emplace(xid, this).second) throw boost::system::system_error(Errc::too_many_calls);
    ++among.counters.rpcOutCalls;
}

asio::awaitable<bool> WaitingCall::wait(Duration at_most) {
    if (over_) co_return true;
    error_code told;
    timer_.expires_after(at_most);
    co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, told));
    if (!over_ && told) throw boost::system::system_error(asio::error::operation_aborted);
    co_return over_;
}

Results WaitingCall::results() {
    if (error_) throw boost::system::system_error(error_);
    return std::move(results_);
}

void WaitingCall::end(const error_code& why) {
    if (over_) return;
    over_ = true;
    error_ = why;
    timer_.cancel();
}

bool WaitingCalls::heard(Record message) {
    const auto reply = parse_reply(message.bytes());
    if (!reply) {
        ++counters.rpcInBadReplies;
        return false;
    }
    const auto found = calls_.find(reply->xid);
    if (found == calls_.end() || found->second->over_) {
        ++counters.rpcInUnasked;
        return true;
    }
    ++counters.rpcInReplies;
    WaitingCall& call = *found->second;
    call.results_ = Results(std::move(message), reply->results);
    // A verifier is AUTH_NONE, or offers a shorthand that we do not take (RFC 5531 appendix A).
    const Flavor verifier = reply->verifier.flavor;
    const bool proves = verifier == Flavor::none || verifier == Flavor::short_hand;
    call.end(proves ? error_of(reply->status) : error_code{Errc::bad_reply});
    return true;
}

void WaitingCalls::fail(const error_code& why) {
    for (const auto& [xid, call] : calls_) call->end(why);
}

}  // namespace strata::session::rpc
