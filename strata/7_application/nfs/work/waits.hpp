// What a call waits for, each done on another thread: a file is searched for, a folder's names are
// read, what was changed is brought to the disk. Arguments are kept by whoever waits.
#pragma once

#include "strata/7_application/nfs/work/work.hpp"

namespace strata::application::nfs {

// What a handle leads to. Errors: BADHANDLE (it was not made here), STALE (it is gone), and those
// of opening it: ACCES, JUKEBOX, IO.
[[nodiscard]] session::asio::awaitable<Status> find_node(Shared& shared, const Handle& handle, Node& into);

struct NamesRead {
    std::shared_ptr<const Listing> listing;
    Status status = Status::ok;
};
// A folder's names behind a cookie, for who may read it: ACCES. Whoever begins is told of all that
// is there now; whoever goes on may go on in what was read.
[[nodiscard]] session::asio::awaitable<void> read_names(const Work& work, const Node& folder, std::uint64_t behind,
                                                        NamesRead& into);

// Whether all of it is on the disk; empty afterwards.
[[nodiscard]] session::asio::awaitable<bool> settle_all(Work& work);

}  // namespace strata::application::nfs
