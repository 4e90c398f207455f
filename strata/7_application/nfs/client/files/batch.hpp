// A batch: bytes that are written with several WRITEs at a time, and then brought to the server's
// disk (RFC 1813 3.3.7, 3.3.21, RFC 7530 16.3, 16.36).
//
// What was written and not committed a server may forget when it begins anew. It says so by
// another verifier: then all of the batch, which the caller keeps until it is over, is written
// again, and no more often than the options say.
#pragma once

#include <functional>

#include "strata/7_application/nfs/client/volume/volume.hpp"

namespace strata::application::nfs::client {

// Returns when they are on the disk. All arguments outlive it. `on_written` is told how many bytes
// of them the server has taken: it may be fewer than before when they are written again. Throws
// Failure.
[[nodiscard]] session::asio::awaitable<void> write_batch(Volume& volume, OpenFile& file, std::uint64_t offset,
                                                         Bytes bytes,
                                                         const std::function<void(std::uint64_t)>& on_written);

}  // namespace strata::application::nfs::client
