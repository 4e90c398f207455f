// Lease: as whom a server knows this client, and for how long without
// hearing of it (RFC 7530 9.1.1, 9.5).
//
// Who has something open and says nothing for a third of the lease says RENEW. What is left open
// when its user was cancelled is closed later.
#pragma once

#include <list>
#include <optional>

#include "strata/5_session/rpc/deadline.hpp"
#include "strata/7_application/nfs/client/version4/state/conversation.hpp"
#include "strata/7_application/nfs/client/version4/state/one_at_a_time.hpp"
#include "strata/7_application/nfs/v4/message/opens.hpp"

namespace strata::application::nfs::client {

// What the server has given for one OPEN.
struct OpenState {
    AnyHandle file{};
    v4::Stateid state{};
    std::uint64_t client = 0;
    std::string owner{};
    std::uint32_t seqid = 1;  // of what is said next
};

class Lease : public std::enable_shared_from_this<Lease> {
public:
    Lease(std::shared_ptr<Conversation> talk, Duration lease_time);

    // The number that the server knows us by; said who we are, if it was not. Throws Failure.
    [[nodiscard]] session::asio::awaitable<std::uint64_t> client();
    // Who was `client` is not known any more, or what he had open: RENEW tells which; if need be it
    // is said anew who we are. Throws Failure.
    [[nodiscard]] session::asio::awaitable<void> look_after(std::uint64_t client);
    // Of an open: each has one of its own, so that seqids of two are never mixed.
    [[nodiscard]] std::string new_owner();

    // The server has heard of us just now.
    void note_heard() noexcept { heard_at_ = talk_->network().now(); }
    void hold();
    void release() noexcept { --held_; }
    // Nobody waits for its closing. Beyond a bound it stays until the lease ends.
    void leave_open(OpenState state);
    [[nodiscard]] std::list<OpenState> take_left_open() noexcept { return std::exchange(left_open_, {}); }
    void stop();

private:
    [[nodiscard]] session::asio::awaitable<std::uint64_t> set_client();
    [[nodiscard]] static session::asio::awaitable<void> renew(std::shared_ptr<Lease> self, std::uint64_t client);
    void is_due();
    [[nodiscard]] std::string new_id() const;

    std::shared_ptr<Conversation> talk_;
    Duration renew_after_;
    std::string id_;
    v4::Verifier verifier_{};
    OneAtATime turn_;
    std::optional<std::uint64_t> client_;
    std::uint64_t owners_ = 0;
    std::size_t held_ = 0;
    Instant heard_at_{};
    bool renewing_ = false;  // one RENEW at a time: calls in flight have their bound
    std::shared_ptr<session::rpc::Deadline> due_;
    std::list<OpenState> left_open_;
};

}  // namespace strata::application::nfs::client
