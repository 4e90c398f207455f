// Listing: what is in a folder (RFC 1813 3.3.16, 3.3.17, RFC 7530 16.24), page by page; and by
// LOOKUP, of whom the server says no attributes.
#pragma once

#include "strata/7_application/nfs/client/files/walking.hpp"
#include "strata/7_application/remote/remote.hpp"

namespace strata::application::nfs::client {

// What is no name, or would lead elsewhere, is left out. `folder` outlives it. Throws Failure: more
// than `entries_max`, pages without end, cookies that never stay good.
[[nodiscard]] session::asio::awaitable<std::vector<RemoteEntry>> list_folder(Volume& volume, const Found& folder,
                                                                             std::size_t entries_max);
[[nodiscard]] RemoteEntry entry_of(std::string name, const Attributes& attributes);

}  // namespace strata::application::nfs::client
