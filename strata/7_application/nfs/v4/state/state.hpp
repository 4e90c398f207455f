// State: what the server remembers of its clients (RFC 7530 9): who they are, what they have open
// and locked, and whose turn it is. On the event loop's thread; its clock is the loop's steady one.
#pragma once

#include "strata/7_application/nfs/v4/state/clients.hpp"
#include "strata/7_application/nfs/v4/state/opens.hpp"
#include "strata/7_application/nfs/v4/state/records.hpp"

namespace strata::application::nfs::v4 {

class State {
public:
    State(Entropy& entropy, const StateOptions& options, Instant now);
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    // Before anything else is asked: what has run out is forgotten.
    void advance(Instant now);
    [[nodiscard]] Instant now() const noexcept { return now_; }
    [[nodiscard]] bool is_grace() { return records.is_grace(now_); }

    // Who opens, or locks; made if he is new. His client's lease is renewed. Errors: those of
    // Clients::find, RESOURCE.
    [[nodiscard]] std::expected<std::shared_ptr<Owner>, Status4> open_owner(std::uint64_t client,
                                                                            std::string_view name);
    [[nodiscard]] std::expected<std::shared_ptr<Owner>, Status4> lock_owner(std::uint64_t client,
                                                                            std::string_view name);
    // Null: he is not known.
    [[nodiscard]] std::shared_ptr<Owner> known_lock_owner(const Client& client, std::string_view name) const;
    // He has asked for something else since: a closed open that was
    // kept for him goes. Idle or not, as he is now.
    void owner_goes_on(const std::shared_ptr<Owner>& owner);
    void owner_is_now(const std::shared_ptr<Owner>& owner);
    void forget(const std::shared_ptr<Owner>& owner);

    // What a stateid is of; its client's lease is renewed. `closed_too`: of who repeats his CLOSE.
    // Errors: STALE_STATEID, BAD_STATEID, OLD_STATEID, EXPIRED (RFC 7530 9.1.4).
    struct Found {
        Open* open = nullptr;
        LockState* lock = nullptr;
    };
    [[nodiscard]] std::expected<Found, Status4> find(const Stateid& id);
    // The same, but of whichever seqid: whose turn it is must be seen first.
    [[nodiscard]] std::expected<Found, Status4> find_any(const Stateid& id, bool closed_too);
    [[nodiscard]] static Status4 check_seqid(const Stateid& id, const Found& found) noexcept;
    [[nodiscard]] Stateid id_of(const Open& open) const noexcept;
    [[nodiscard]] Stateid id_of(const LockState& lock) const noexcept;
    [[nodiscard]] std::size_t owners() const noexcept { return owners_; }

    Clients clients;
    Opens opens;
    Records records;
    std::size_t writing = 0;  // how often records are being written

private:
    [[nodiscard]] std::expected<std::shared_ptr<Owner>, Status4> owner_of(Client& client, Owners& owners,
                                                                          std::string_view name);
    void ends(Client& client, bool expired);
    void leave_idle(Owner& owner);

    StateOptions options_;
    Instant now_;
    std::size_t owners_ = 0;
    std::list<std::shared_ptr<Owner>> idle_{};  // owners without anything, who was so first in front
};

}  // namespace strata::application::nfs::v4
