// Calls that wait for their replies, by their xid. What the clients over streams and datagrams
// share.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <map>
#include <memory>

#include "strata/5_session/network.hpp"
#include "strata/5_session/rpc/client/counters.hpp"
#include "strata/5_session/rpc/message/outgoing.hpp"
#include "strata/5_session/rpc/record/record_reader.hpp"

namespace strata::session::rpc {

// Results of a call, with the message that they are part of.
class Results {
public:
    Results() = default;
    Results(Record message, Bytes results) : message_(std::move(message)), bytes_(results) {}
    [[nodiscard]] Bytes bytes() const noexcept { return bytes_; }

private:
    Record message_;
    Bytes bytes_;
};

class WaitingCall;

class WaitingCalls {
public:
    // The network outlives it. xids begin anywhere, so that a server does not take a new client for
    // an old one.
    WaitingCalls(Network& network, std::size_t at_once)
        : network_(network), at_once_(at_once), next_xid_(static_cast<std::uint32_t>(network.entropy().next())) {}

    // A message that came. False if it is no reply.
    [[nodiscard]] bool heard(Record message);
    // Ends all of them.
    void fail(const error_code& why);
    [[nodiscard]] bool empty() const noexcept { return calls_.empty(); }
    [[nodiscard]] const std::map<std::uint32_t, WaitingCall*>& all() const noexcept { return calls_; }

    RpcClientCounters counters;

private:
    friend class WaitingCall;
    Network& network_;
    std::size_t at_once_;
    std::uint32_t next_xid_;
    std::map<std::uint32_t, WaitingCall*> calls_;
};

// Lives in the frame of the coroutine that waits, and keeps nobody alive.
class WaitingCall {
public:
    // Throws too_many_calls.
    explicit WaitingCall(WaitingCalls& among);
    WaitingCall(const WaitingCall&) = delete;
    WaitingCall& operator=(const WaitingCall&) = delete;
    ~WaitingCall() { among_.calls_.erase(xid); }

    // Waits until it is over, or so long: whether it is. Throws operation_aborted when cancelled.
    [[nodiscard]] asio::awaitable<bool> wait(Duration at_most);
    [[nodiscard]] bool is_over() const noexcept { return over_; }
    // Once it is over. Throws what it failed with.
    [[nodiscard]] Results results();

    const std::uint32_t xid;
    std::shared_ptr<const Outgoing> message{};  // to be sent, and sent again
    bool sent = false;

private:
    friend class WaitingCalls;
    void end(const error_code& why);

    WaitingCalls& among_;
    Timer timer_;
    bool over_ = false;
    error_code error_;
    Results results_;
};

}  // namespace strata::session::rpc
