#include "strata/7_application/nfs/client/files/making.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;

namespace {

awaitable<bool> is_at(Volume& volume, const PlaceOfName& place, const Found& file) {
    const std::optional<Found> there = co_await volume.look_up(place);
    co_return there&& is_same_file(there->attributes, file.attributes);
}

awaitable<void> rename_file(Volume& volume, const PlaceOfName& from, const PlaceOfName& to, const Found& file) {
    const Status status = co_await volume.rename(from, to);
    if (status == Status::noent) {
        const bool was_done = co_await is_at(volume, to, file);
        if (was_done) co_return;
    }
    check(status);
}

// False: the server, or its disk, knows no links.
awaitable<bool> link_file(Volume& volume, const PlaceOfName& to, const Found& file) {
    if (!volume.knows_links()) co_return false;
    const Status status = co_await volume.link(file.handle, to);
    if (status == Status::exist) {
        const bool was_done = co_await is_at(volume, to, file);
        if (!was_done) check(status);
    }
    co_return status == Status::ok || status == Status::exist;
}

}  // namespace

awaitable<void> remove_file(Volume& volume, const PlaceOfName& place) {
    const Status status = co_await volume.remove(place, false);
    if (status != Status::noent) check(status);
}

awaitable<void> put_in_place(Volume& volume, const PlaceOfName& place, const Found& file, std::string name,
                             bool replace) {
    PlaceOfName to;
    to.folder = place.folder;
    to.name = std::move(name);
    if (!replace) {
        const bool is_linked = co_await link_file(volume, to, file);
        if (is_linked) {
            co_await remove_file(volume, place);
            co_return;
        }
        const std::optional<Found> there = co_await volume.look_up(to);
        if (there) check(Status::exist);
    }
    co_await rename_file(volume, place, to, file);
}

}  // namespace strata::application::nfs::client
