// Mounting: finds the programs of a server, and mounts the folder that a path is in (RFC 1813 5).
//
//     the URL's port (2049) ── MOUNT there? ── no ──▶ rpcbind, port 111: where are MOUNT and NFS?
//            │ yes                                        │
//            ▼                                            ▼
//     EXPORT: what is there to mount; the longest that the path begins with ── MNT ──▶ a handle
//
// Where a server tells nothing of its exports, the path is tried, and what is above it.
#pragma once

#include "strata/7_application/http/message/url.hpp"
#include "strata/7_application/nfs/client/mounting/parameters.hpp"
#include "strata/7_application/nfs/client/volume/volume.hpp"
#include "strata/7_application/transfer/progress.hpp"

namespace strata::application::nfs::client {

// `server` outlives it, and so do network and options. Throws Failure.
[[nodiscard]] session::asio::awaitable<std::unique_ptr<Volume>> mount_for(session::Network& network,
                                                                          const http::Url& server, const Path& path,
                                                                          const NfsOptions& options,
                                                                          const ClientOptions& patience);

}  // namespace strata::application::nfs::client
