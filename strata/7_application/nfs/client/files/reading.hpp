// Reading: the bytes of a file, with several READs at a time (RFC 1813 3.3.6, RFC 7530 16.23).
//
// Each that waits has bytes of its own, and gives them on when those before are through: what is
// kept is at most a reply for each. Less than was asked for is asked for again; an end before the
// end that the file had, or attributes that change on the way, end it: it is not the file any more.
#pragma once

#include <functional>

#include "strata/7_application/nfs/client/files/walking.hpp"

namespace strata::application::nfs::client {

using Take = std::function<session::asio::awaitable<void>(Bytes)>;

// The bytes [first, end) of `file`, which has them, in their order. All arguments outlive it. What
// was not taken when it fails may be read by another call. Throws Failure, and what `take` does.
// `at_once_max`: bytes of one READ, at most.
[[nodiscard]] session::asio::awaitable<void> read_bytes(Volume& volume, const Found& file, std::uint64_t first,
                                                        std::uint64_t end, const Take& take, std::uint32_t at_once_max);
// It is as it was: what was read is of one version. Throws Failure.
[[nodiscard]] session::asio::awaitable<void> check_unchanged(Volume& volume, const Found& file);

}  // namespace strata::application::nfs::client
