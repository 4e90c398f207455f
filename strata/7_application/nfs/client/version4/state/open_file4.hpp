// OpenFile4: a file that is open at a server of version 4, and stays
// so when the server forgets that.
//
//     READ or WRITE ── STALE_STATEID, EXPIRED, BAD_STATEID, ... ──▶ RENEW: are we known? ── no ──▶ SETCLIENTID anew
//           ▲                                                                │ yes
//           │                                                                ▼
//           └── it is the same file, and has not changed ◀── OPEN: CLAIM_PREVIOUS in its grace period, else by name
//
// One of those that wait for replies does it, for all.
#pragma once

#include "strata/7_application/nfs/client/version4/state/opening.hpp"

namespace strata::application::nfs::client {

class OpenFile4 final : public OpenFile {
public:
    // `file`: as it was when it was looked at. `handles_stay`: a file has one handle, for ever.
    OpenFile4(std::shared_ptr<Conversation> talk, std::shared_ptr<Lease> lease, Found file, Access access,
              OpenState state, bool handles_stay);
    ~OpenFile4() override;
    [[nodiscard]] session::asio::awaitable<Read> read(std::uint64_t offset, std::uint32_t count) override;
    [[nodiscard]] session::asio::awaitable<Written> write(std::uint64_t offset, Bytes bytes) override;
    [[nodiscard]] session::asio::awaitable<Verifier> commit() override;
    [[nodiscard]] session::asio::awaitable<void> close() override;

private:
    [[nodiscard]] session::asio::awaitable<void> recover(unsigned seen, v4::Status4 why);
    [[nodiscard]] session::asio::awaitable<Opened4> open_again();
    void check_is_same(const Attributes& now) const;

    std::shared_ptr<Conversation> talk_;
    std::shared_ptr<Lease> lease_;
    Found file_;
    Access access_;
    OpenState state_;
    bool handles_stay_;
    OneAtATime turn_;
    unsigned recovered_ = 0;
    bool closed_ = false;
};

}  // namespace strata::application::nfs::client
