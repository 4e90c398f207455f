// Owner: who opens, or locks, at a client (RFC 7530 9.1.3, 9.1.7).
// What an owner asks for is numbered: each request is done once, and
// whoever repeats the last one is answered as the first time.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "strata/7_application/nfs/v4/state/ids.hpp"

namespace strata::application::nfs::v4 {

enum class Turn : std::uint8_t {
    next,   // it is to be done
    again,  // it was done: `reply` is its result
    early,  // it is being done
    wrong,  // BAD_SEQID
};

struct Owner {
    ClientNumber client = 0;
    std::string name{};
    bool confirmed = false;  // RFC 7530 9.1.11: of those who open; those who lock need not be
    bool is_new = true;      // any number may be its first
    bool busy = false;
    bool is_gone = false;      // forgotten, while a request of it is being done
    std::uint32_t seqid = 0;   // of the last request
    std::uint64_t digest = 0;  // of what it asked for
    std::vector<std::byte> reply{};
    FileId reply_file{};                     // where an OPEN had led
    std::unordered_set<StateNumber> held{};  // opens, or states of locks
    StateNumber closed = 0;                  // kept for who repeats his CLOSE
    // Among those that have nothing: of its client, and of all.
    std::list<std::shared_ptr<Owner>>::iterator place{}, place_in_all{};
    bool is_idle = false;

    [[nodiscard]] Turn turn(std::uint32_t asked, std::uint64_t asked_digest) const noexcept {
        if (busy) return Turn::early;
        if (is_new || asked == seqid + 1) return Turn::next;
        return asked == seqid && asked_digest == digest && !reply.empty() ? Turn::again : Turn::wrong;
    }
};

// RFC 7530 9.1.7: after these the number is the same as before.
[[nodiscard]] constexpr bool counts_for_seqid(Status4 status) noexcept {
    switch (status) {
        case Status4::stale_clientid:
        case Status4::stale_stateid:
        case Status4::bad_stateid:
        case Status4::bad_seqid:
        case Status4::badxdr:
        case Status4::resource:
        case Status4::nofilehandle:
        case Status4::moved: return false;
        default: return true;
    }
}

}  // namespace strata::application::nfs::v4
