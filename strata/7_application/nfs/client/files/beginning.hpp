// What an earlier attempt left of a file that is put.
#pragma once

#include "strata/7_application/files/input/input_file.hpp"
#include "strata/7_application/nfs/client/files/walking.hpp"

namespace strata::application::nfs::client {

// How many bytes of `in`, a file, the server has of it in `there`. Of the last ones, as many as are
// committed together, it is not known: several WRITEs were on their way, and one behind a gap may
// have been done. They are compared, as far as they are not the zeros of a gap, and written again.
// Before them 64 KiB are compared. Nothing: what is there is no beginning of it. Throws Failure.
[[nodiscard]] session::asio::awaitable<std::optional<std::uint64_t>> sent_already(Volume& volume, const Found& there,
                                                                                  const InputFile& in);

}  // namespace strata::application::nfs::client
