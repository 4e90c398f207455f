// Arguments and results of LOCK, LOCKT and LOCKU (RFC 7530 16.10 to 16.12).
#pragma once

#include "strata/7_application/nfs/v4/message/opens.hpp"

namespace strata::application::nfs::v4 {

// nfs_lock_type4; those that wait are no different: the client asks again.
enum class LockType : std::uint32_t { read = 1, write, read_waiting, write_waiting };
[[nodiscard]] constexpr bool declared(LockType type) noexcept {
    return type >= LockType::read && type <= LockType::write_waiting;
}
[[nodiscard]] constexpr bool is_write(LockType type) noexcept {
    return type == LockType::write || type == LockType::write_waiting;
}

struct LockArguments {
    LockType type = LockType::read;
    bool reclaim = false;
    std::uint64_t offset = 0, length = 0;
    bool new_owner = false;
    // Of a new lock owner: the open's seqid and state, and its own;
    // else its own state and seqid alone.
    std::uint32_t open_seqid = 0;
    Stateid open_state;
    std::uint32_t lock_seqid = 0;
    OwnerId owner;
    Stateid lock_state;
    static void fields(auto& codec, auto& self) {
        codec(self.type, self.reclaim, self.offset, self.length, self.new_owner);
        if (self.new_owner) return codec(self.open_seqid, self.open_state, self.lock_seqid, self.owner);
        codec(self.lock_state, self.lock_seqid);
    }
};
// LOCK4denied: whose lock is in the way.
struct Denied {
    std::uint64_t offset = 0, length = 0;
    LockType type = LockType::read;
    OwnerId owner;
    static void fields(auto& codec, auto& self) { codec(self.offset, self.length, self.type, self.owner); }
};
struct LockResults {
    Status4 status = Status4::ok;
    Stateid state;
    Denied denied;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::ok) codec(self.state);
        if (self.status == Status4::denied) codec(self.denied);
    }
};

struct LocktArguments {
    LockType type = LockType::read;
    std::uint64_t offset = 0, length = 0;
    OwnerId owner;
    static void fields(auto& codec, auto& self) { codec(self.type, self.offset, self.length, self.owner); }
};
struct LocktResults {
    Status4 status = Status4::ok;
    Denied denied;
    static void fields(auto& codec, auto& self) {
        codec(self.status);
        if (self.status == Status4::denied) codec(self.denied);
    }
};

struct LockuArguments {
    LockType type = LockType::read;
    std::uint32_t seqid = 0;
    Stateid state;
    std::uint64_t offset = 0, length = 0;
    static void fields(auto& codec, auto& self) { codec(self.type, self.seqid, self.state, self.offset, self.length); }
};

}  // namespace strata::application::nfs::v4
