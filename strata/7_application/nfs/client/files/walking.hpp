// Walking: from the mounted folder to a file, name by name (RFC 1813
// 3.3.3, RFC 7530 16.13). Symbolic links are the client's to follow
// (RFC 1813 3.3.5): only within what is mounted, and not without end.
#pragma once

#include "strata/7_application/nfs/client/volume/volume.hpp"

namespace strata::application::nfs::client {

enum class Links : std::uint8_t {
    stay,      // what would be changed is never behind one
    but_last,  // on the way; the last name may be one
    follow,
};

// One name in a folder; nothing if it is not there.
[[nodiscard]] session::asio::awaitable<std::optional<Found>> look_up(Volume& volume, AnyHandle folder,
                                                                     std::string name);
// `path` is the server's, and begins with what is mounted; both outlive it. Throws Failure.
[[nodiscard]] session::asio::awaitable<Found> walk(Volume& volume, const Path& path, Links links);
// The folder that the last name of a path is in. Throws Failure: the path is what was mounted, or
// there is no such folder.
[[nodiscard]] session::asio::awaitable<Found> walk_to_parent(Volume& volume, const Path& path);

}  // namespace strata::application::nfs::client
