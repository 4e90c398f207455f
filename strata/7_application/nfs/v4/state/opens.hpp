// Opens: which files are open, for whom and for what (RFC 7530 9.7 to 9.10), and the states of
// locks that hang on each. An open file has a descriptor: it can be read and written when its name
// is gone, and when its mode has changed.
#pragma once

#include <unordered_map>

#include "strata/7_application/files/descriptor.hpp"
#include "strata/7_application/nfs/shared/options.hpp"
#include "strata/7_application/nfs/v4/state/owner.hpp"
#include "strata/7_application/nfs/v4/state/ranges.hpp"

namespace strata::application::nfs::v4 {

// OPEN4_SHARE_ACCESS_*, OPEN4_SHARE_DENY_*.
inline constexpr std::uint32_t share_read = 1, share_write = 2, share_both = 3;

// What it is opened for, and what others may not do meanwhile.
struct Share {
    std::uint32_t access = 0, deny = 0;
    [[nodiscard]] bool operator==(const Share&) const = default;
};

struct Open;
// A file that is open. How many opens have which bit of their share.
struct OpenFile4 {
    std::array<std::uint32_t, 2> access{}, deny{};
    std::unordered_map<const Owner*, StateNumber> opens{};
    LockRanges locks{};
    [[nodiscard]] Share share() const noexcept;
    void count(const Share& share, bool up) noexcept;
};

struct LockState {
    StateNumber number = 0;
    std::uint32_t seqid = 1;
    std::shared_ptr<Owner> owner{};
    StateNumber open = 0;
};

struct Open {
    StateNumber number = 0;
    std::uint32_t seqid = 1;
    std::shared_ptr<Owner> owner{};
    FileId file{};
    Share share{};
    // Which access and which deny it was opened with, a bit for each:
    // OPEN_DOWNGRADE goes back to those alone.
    unsigned accesses = 0, denies = 0;
    Descriptor data{};
    bool is_closed = false;  // kept for who repeats his CLOSE
    std::unordered_map<const Owner*, std::shared_ptr<LockState>> locks{};
};

class Opens {
public:
    explicit Opens(const StateOptions& options);

    // Null: there is none, or it is closed.
    [[nodiscard]] Open* find(StateNumber number, bool closed_too = false);
    [[nodiscard]] Open* find(const Owner& owner, const FileId& file);
    [[nodiscard]] LockState* find_lock(StateNumber number);
    [[nodiscard]] OpenFile4* file(const FileId& id);
    // Whether it may be opened so, whoever has it open. Error: SHARE_DENIED.
    [[nodiscard]] Status4 check(const FileId& file, const Share& share);
    // Whether there is no room for another: of this client, or at all.
    [[nodiscard]] bool is_full(ClientNumber client) const;

    // The descriptor is for its access. Not beyond is_full().
    Open& add(std::shared_ptr<Owner> owner, const FileId& file, const Share& share, Descriptor data);
    // Opened again by the same owner; the descriptor, if there is one, is for both.
    void upgrade(Open& open, const Share& share, Descriptor data);
    void downgrade(Open& open, const Share& share);
    // With the locks that hang on it. It stays known, for its owner's next request.
    void close(Open& open);
    // As if it had never been.
    void remove(StateNumber number);

    // Null: there is no room (`locks_max`, `locks_per_client_max`, which count states as well as
    // ranges).
    [[nodiscard]] LockState* add_lock_state(Open& open, std::shared_ptr<Owner> owner);
    void remove_lock_state(LockState& state);
    // What this client has changed. False: there is no room.
    [[nodiscard]] bool set_ranges(OpenFile4& file, ClientNumber client, std::vector<LockRanges::Range> ranges);

    [[nodiscard]] std::size_t size() const noexcept { return open_count_; }
    [[nodiscard]] std::size_t files() const noexcept { return files_.size(); }
    [[nodiscard]] std::size_t locks() const noexcept { return range_count_ + lock_states_.size(); }

private:
    struct Count {  // of a client
        std::size_t opens = 0, locks = 0;
    };
    [[nodiscard]] StateNumber new_number();
    [[nodiscard]] Count count_of(ClientNumber client) const;
    [[nodiscard]] bool has_room_for_locks(ClientNumber client, std::size_t more) const;
    void count(ClientNumber client, std::ptrdiff_t opens, std::ptrdiff_t locks);

    StateOptions options_;
    std::unordered_map<ClientNumber, Count> counts_;
    StateNumber last_number_ = 0;
    std::size_t open_count_ = 0, range_count_ = 0;
    std::unordered_map<StateNumber, Open> opens_;
    std::unordered_map<StateNumber, std::shared_ptr<LockState>> lock_states_;
    std::unordered_map<FileId, OpenFile4, FileIdHash> files_;
};

}  // namespace strata::application::nfs::v4
