// What an NFS server allows, and how it does its work.
#pragma once

#include <functional>
#include <string>

#include "strata/5_session/address.hpp"
#include "strata/5_session/rpc/server/options.hpp"
#include "strata/7_application/nfs/handles/handle.hpp"
#include "strata/7_application/nfs/handles/tree.hpp"
#include "strata/7_application/nfs/listing/listing.hpp"

namespace strata::application::nfs {

// Somebody has asked for a folder.
struct MountReport {
    session::Address client;
    std::string folder;    // as it was asked for
    bool mounted = false;  // false: there is none, or it is not shown
};

// Who is not believed to be who he says: everybody, whose rights are those of the server's user;
// root alone, who is nobody then; or not even he. Other than `all` needs root's rights
// (can_act_as_others()).
enum class Squash : std::uint8_t { all, root, none };

// What version 4 remembers of its clients (RFC 7530 9), and how long.
// Beyond a bound a client is told RESOURCE.
struct StateOptions {
    Duration lease_time = 90s;  // a client that is silent for longer loses all that it had
    // Those that were not confirmed go first, then those that have nothing.
    std::size_t clients_max = 1024;
    std::size_t clients_per_address_max = 256;
    // Who opens and locks: of all clients, and of one. Those that have nothing go first.
    std::size_t owners_max = 16384;
    std::size_t owners_per_client_max = 4096;
    // Each has a descriptor: at most half of those that the process may have.
    std::size_t opens_max = 4096;
    std::size_t opens_per_client_max = 1024;
    // States of locks, and ranges that are locked; those of a file are looked through one by one.
    std::size_t locks_max = 16384;
    std::size_t locks_per_client_max = 4096;
    std::size_t locks_per_file_max = 1024;
    std::size_t operations_max = 64;  // of a COMPOUND
    std::uint32_t tag_max = 1024;     // bytes of its tag
    // Whoever had something open may have it again after a restart (RFC 7530 9.6.3.4), if it stands
    // here who that was. Unset: nobody may.
    std::string lease_file{};
};

struct ServerOptions {
    // Of handles and cookies; unset, one for this run: then clients
    // must mount anew after a restart.
    std::optional<HandleKey> key{};
    Squash squash = Squash::all;
    TreeOptions tree{};
    ListingOptions listing{};
    std::uint32_t data_max = 1 << 20;           // bytes of a READ or WRITE over a connection,
    std::uint32_t datagram_data_max = 8 << 10;  // and in a datagram, whose sender may be forged
    std::size_t spare_blocks_max = 8;           // of data_max bytes, kept for the next READs
    StateOptions state{};
    std::size_t mounts_max = 1024;  // who has mounted what: the latest
    // Where the root's rights are to add: files that were made here lately, and may still be
    // written.
    std::size_t created_max = 4096;
    bool sync = true;                               // what must be on the disk before it is answered is brought there
    bool aside = true;                              // what waits for the disk long is done on another thread
    std::function<void(const MountReport&)> log{};  // must not throw
    session::rpc::ServerOptions rpc{};
};

}  // namespace strata::application::nfs
