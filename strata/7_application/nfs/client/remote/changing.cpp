// Names of a server are made, changed and removed, and files dated.
#include <algorithm>

#include "strata/7_application/nfs/client/files/walking.hpp"
#include "strata/7_application/nfs/client/remote/telling.hpp"

namespace strata::application::nfs {

using session::asio::awaitable;
using namespace client;

namespace {

PlaceOfName place_in(const Found& folder, const Path& path) {
    PlaceOfName place;
    place.folder = folder.handle;
    place.name = path.back();
    return place;
}

}  // namespace

awaitable<bool> NfsRemote::make_folder(std::string target) {
    const std::function<awaitable<bool>()> task = [&] { return make(target); };
    co_return co_await tell(task, "make the folder", target);
}

awaitable<bool> NfsRemote::make(std::string target) {
    const Path path = path_of(target);
    Volume* const volume = co_await volume_for(path);
    if (path.size() == volume->folder().size()) co_return false;
    const Found parent = co_await walk_to_parent(*volume, path);
    const PlaceOfName place = place_in(parent, path);
    const Status made = co_await volume->make_folder(place, options_.nfs.folder_mode);
    if (made != Status::exist) {
        check(made);
        co_return true;
    }
    const std::optional<Found> there = co_await volume->look_up(place);
    if (there && !there->is_folder()) check(Status::exist);
    co_return false;
}

awaitable<void> NfsRemote::rename(std::string from, std::string to) {
    const std::function<awaitable<void>()> task = [&] { return move(from, to); };
    co_await tell(task, "rename", from);
}

awaitable<void> NfsRemote::move(std::string from, std::string to) {
    const Path old_path = path_of(from);
    const Path new_path = path_of(to);
    Volume* const volume = co_await volume_for(old_path);
    if (!begins_with(new_path, volume->folder()))
        throw Failure("the new name is not within " + text_of_path(volume->folder()), "copy it there");
    const Found old_parent = co_await walk_to_parent(*volume, old_path);
    const Found new_parent = co_await walk_to_parent(*volume, new_path);
    const PlaceOfName old_place = place_in(old_parent, old_path);
    const PlaceOfName new_place = place_in(new_parent, new_path);
    const std::uint64_t repeated = volume->repeated();
    const Status renamed = co_await volume->rename(old_place, new_place);
    // What was asked for twice may have been done the first time.
    if (renamed == Status::noent && volume->repeated() != repeated) {
        const std::optional<Found> there = co_await volume->look_up(new_place);
        if (there) co_return;
    }
    check(renamed);
}

awaitable<void> NfsRemote::remove(std::string target) {
    const std::function<awaitable<void>()> task = [&] { return erase(target); };
    co_await tell(task, "remove", target);
}

awaitable<void> NfsRemote::erase(std::string target) {
    const Path path = path_of(target);
    Volume* const volume = co_await volume_for(path);
    const Found parent = co_await walk_to_parent(*volume, path);
    const PlaceOfName place = place_in(parent, path);
    const std::optional<Found> there = co_await volume->look_up(place);
    if (!there) check(Status::noent);
    const std::uint64_t repeated = volume->repeated();
    const Status removed = co_await volume->remove(place, there->is_folder());
    if (removed == Status::noent && volume->repeated() != repeated) co_return;
    check(removed);
}

awaitable<void> NfsRemote::set_date(std::string target, std::chrono::sys_seconds wanted) {
    const std::function<awaitable<void>()> task = [&] { return date(target, wanted); };
    co_await tell(task, "date", target);
}

awaitable<void> NfsRemote::date(std::string target, std::chrono::sys_seconds wanted) {
    const Path path = path_of(target);
    Volume* const volume = co_await volume_for(path);
    const Found found = co_await walk(*volume, path, Links::stay);
    if (found.is_link()) throw Failure("it is a symbolic link", "name what it leads to");
    const auto seconds =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(wanted.time_since_epoch().count(), 0, 0xffff'ffff));
    const Status set = co_await volume->set_date(found.handle, seconds);
    check(set);
}

}  // namespace strata::application::nfs
