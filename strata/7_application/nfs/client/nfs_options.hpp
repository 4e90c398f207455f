// How the client of NFS works, and its bounds.
#pragma once

#include <cstdint>

#include "strata/0_foundation/time.hpp"
#include "strata/5_session/rpc/message/authentication.hpp"

namespace strata::application::nfs {

struct NfsOptions {
    // READs or WRITEs that wait for their replies at a time.
    std::size_t in_flight_max = 8;
    // Bytes of one: at most so many of what the server prefers.
    std::uint32_t data_max = 1 << 20;
    std::uint32_t datagram_data_max = 8 << 10;
    std::uint32_t data_least = 1 << 10;  // after datagrams that were lost
    std::uint32_t listing_reply_max = 64 << 10;
    // What was written and not committed is kept, to be written again if the server has lost it.
    std::uint64_t commit_bytes = 8 << 20;
    unsigned rewrites_max = 4;  // of the same bytes
    // A server that is busy (NFS3ERR_JUKEBOX, NFS4ERR_DELAY) is asked
    // again: so often, twice as late each time.
    unsigned busy_max = 6;
    Duration busy_first = 1s;
    Duration busy_pause_max = 8s;
    // Before it is asked again, which it was so often: twice as long each time, up to that.
    [[nodiscard]] Duration busy_pause(unsigned tried) const noexcept {
        Duration pause = busy_first;
        for (unsigned i = 0; i < tried && pause < busy_pause_max; ++i) pause *= 2;
        return std::min(pause, busy_pause_max);
    }
    // Of version 4. A server that began anew lets nothing be opened
    // for a while (NFS4ERR_GRACE): so long one waits.
    Duration grace_wait_max = 5min;
    unsigned recoveries_max = 8;         // of one open file that the server has forgotten
    std::size_t names_at_once_max = 16;  // LOOKUPs of one COMPOUND
    unsigned links_max = 16;             // symbolic links on the way to one file
    unsigned steps_max = 1024;           // names on that way, those of the links included
    unsigned mounts_max = 16;            // folders that are tried to be mounted
    unsigned restarts_max = 3;           // of a listing whose cookies became bad
    std::uint32_t mode = 0644;           // of new files,
    std::uint32_t folder_mode = 0755;    // and folders
    std::uint16_t rpcbind_port = 111;
    // Who calls; unset, the user of this process.
    session::rpc::Credentials credentials{};
};

}  // namespace strata::application::nfs
