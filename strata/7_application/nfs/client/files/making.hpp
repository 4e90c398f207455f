// New files, and the names that they have (RFC 1813 3.3.8, 3.3.12, 3.3.14, 3.3.15). Each may be
// asked for twice by a client that has heard no reply: what was done the first time is well.
#pragma once

#include "strata/7_application/nfs/client/files/walking.hpp"

namespace strata::application::nfs::client {

// Where a name is. All arguments of what follows outlive the call.
struct PlaceOfName {
    Handle folder;
    std::string name;
};

// A file that was not there, by exclusive creation, or a guarded one where a server does not have
// that. Nothing: there is something of that name.
[[nodiscard]] session::asio::awaitable<std::optional<Found>> make_file(Session& session, const PlaceOfName& place,
                                                                       std::uint32_t mode);
[[nodiscard]] session::asio::awaitable<void> remove_file(Session& session, const PlaceOfName& place);
// Gives a file another name in its folder. What has that name is replaced, if `replace`; else it
// stays and the call fails: by LINK, which takes no name that is there, or where a server knows no
// links by a look before. Throws Failure.
[[nodiscard]] session::asio::awaitable<void> put_in_place(Session& session, const PlaceOfName& place, const Found& file,
                                                          std::string name, bool replace);
// Whether the server lets names in a folder be changed and removed, not only made (ACCESS).
[[nodiscard]] session::asio::awaitable<bool> may_rename_in(Session& session, const Found& folder);

}  // namespace strata::application::nfs::client
