// The names that new files have (RFC 1813 3.3.12, 3.3.14, 3.3.15, RFC
// 7530 16.9, 16.25, 16.26). Each may be asked for twice by a client
// that has heard no reply: what was done the first time is well.
#pragma once

#include "strata/7_application/nfs/client/files/walking.hpp"

namespace strata::application::nfs::client {

// All arguments outlive the calls.
[[nodiscard]] session::asio::awaitable<void> remove_file(Volume& volume, const PlaceOfName& place);
// Gives a file another name in its folder. What has that name is replaced, if `replace`; else it
// stays and the call fails: by LINK, which takes no name that is there, or where a server knows no
// links by a look before. Throws Failure.
[[nodiscard]] session::asio::awaitable<void> put_in_place(Volume& volume, const PlaceOfName& place, const Found& file,
                                                          std::string name, bool replace);

}  // namespace strata::application::nfs::client
