// Shared: what the two programs of a server work with, on the event loop's thread.
#pragma once

#include "strata/0_foundation/spare_blocks.hpp"
#include "strata/5_session/network.hpp"
#include "strata/7_application/nfs/shared/mounts.hpp"
#include "strata/7_application/nfs/shared/options.hpp"
#include "strata/7_application/nfs/shared/recent_files.hpp"
#include "strata/7_application/serving/aside.hpp"

namespace strata::application::nfs {

struct Shared {
    // Network and root outlive it.
    Shared(session::Network& on, const FileRoot& served, const ServerOptions& how);

    // Waits until it is done.
    [[nodiscard]] session::asio::awaitable<void> do_aside(std::shared_ptr<Chore> chore);

    session::Network& network;
    const FileRoot& root;
    ServerOptions options;
    HandleKey key;
    Tree tree;
    Listings listings;
    RecentFiles created;
    Mounts mounts;
    std::shared_ptr<SpareBlocks> blocks;       // what is read into
    std::array<std::byte, 8> cookie_verifier;  // the key's: cookies are as good as handles are
    std::array<std::byte, 8> write_verifier;   // of this run
};

}  // namespace strata::application::nfs
