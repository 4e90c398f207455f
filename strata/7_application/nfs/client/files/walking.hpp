// Walking: from the mounted folder to a file, name by name (RFC 1813 3.3.3). Symbolic links are the
// client's to follow (3.3.5): only within what is mounted, and not without end.
#pragma once

#include "strata/7_application/nfs/client/session/session.hpp"
#include "strata/7_application/nfs/v3/names.hpp"

namespace strata::application::nfs::client {

// A file, as it was when it was looked at.
struct Found {
    Handle handle;
    Attributes attributes;
    [[nodiscard]] bool is_folder() const noexcept { return attributes.type == FileType::folder; }
    [[nodiscard]] bool is_file() const noexcept { return attributes.type == FileType::file; }
    [[nodiscard]] bool is_link() const noexcept { return attributes.type == FileType::link; }
};

enum class Links : std::uint8_t {
    stay,      // what would be changed is never behind one
    but_last,  // on the way; the last name may be one
    follow,
};

// GETATTR.
[[nodiscard]] session::asio::awaitable<Found> look_at(Session& session, Handle handle);
// One name in a folder; nothing if it is not there.
[[nodiscard]] session::asio::awaitable<std::optional<Found>> look_up(Session& session, Handle folder, std::string name);
// `path` is the server's, and begins with what the session has mounted; both outlive it. Throws
// Failure.
[[nodiscard]] session::asio::awaitable<Found> walk(Session& session, const Path& path, Links links);
// The folder that the last name of a path is in. Throws Failure: the path is what was mounted, or
// there is no such folder.
[[nodiscard]] session::asio::awaitable<Found> walk_to_parent(Session& session, const Path& path);

}  // namespace strata::application::nfs::client
