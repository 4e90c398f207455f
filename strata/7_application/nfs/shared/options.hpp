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

struct ServerOptions {
    // Of handles and cookies; unset, one for this run: then clients
    // must mount anew after a restart.
    std::optional<HandleKey> key{};
    TreeOptions tree{};
    ListingOptions listing{};
    std::uint32_t data_max = 1 << 20;           // bytes of a READ or WRITE over a connection,
    std::uint32_t datagram_data_max = 8 << 10;  // and in a datagram, whose sender may be forged
    std::size_t mounts_max = 1024;              // who has mounted what: the latest
    // Where the root's rights are to add: files that were made here lately, and may still be
    // written.
    std::size_t created_max = 4096;
    bool sync = true;                               // what must be on the disk before it is answered is brought there
    bool aside = true;                              // what waits for the disk long is done on another thread
    std::function<void(const MountReport&)> log{};  // must not throw
    session::rpc::ServerOptions rpc{};
};

}  // namespace strata::application::nfs
