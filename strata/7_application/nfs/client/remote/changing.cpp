// Names of a server are made, changed and removed, and files dated.
#include <algorithm>

#include "strata/7_application/nfs/client/files/walking.hpp"
#include "strata/7_application/nfs/client/remote/telling.hpp"
#include "strata/7_application/nfs/v3/names.hpp"

namespace strata::application::nfs {

using session::asio::awaitable;
using namespace client;
using v3::Procedure;

namespace {

v3::Place place_in(const Found& folder, const Path& path) {
    v3::Place place;
    place.folder = folder.handle;
    place.name = v3::Name(std::string_view(path.back()));
    return place;
}

}  // namespace

awaitable<bool> NfsRemote::make_folder(std::string target) {
    const std::function<awaitable<bool>()> task = [&] { return make(target); };
    co_return co_await tell(task, "make the folder", target);
}

awaitable<bool> NfsRemote::make(std::string target) {
    const Path path = path_of(target);
    Session* const session = co_await session_for(path);
    if (path.size() == session->folder().size()) co_return false;
    const Found parent = co_await walk_to_parent(*session, path);
    v3::MkdirArguments arguments;
    arguments.place = place_in(parent, path);
    arguments.attributes.mode = options_.nfs.folder_mode;
    const auto made = co_await session->ask<v3::CreateResults>(Procedure::mkdir, arguments);
    if (made.value.status != Status::exist) {
        check(made.value.status);
        co_return true;
    }
    const std::optional<Found> there = co_await look_up(*session, parent.handle, path.back());
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
    Session* const session = co_await session_for(old_path);
    if (!begins_with(new_path, session->folder()))
        throw Failure("the new name is not within " + text_of_path(session->folder()), "copy it there");
    const Found old_parent = co_await walk_to_parent(*session, old_path);
    const Found new_parent = co_await walk_to_parent(*session, new_path);
    v3::RenameArguments arguments;
    arguments.from = place_in(old_parent, old_path);
    arguments.to = place_in(new_parent, new_path);
    const std::uint64_t repeated = session->repeated();
    const auto renamed = co_await session->ask<v3::RenameResults>(Procedure::rename, arguments);
    // What was asked for twice may have been done the first time.
    if (renamed.value.status == Status::noent && session->repeated() != repeated) {
        const std::optional<Found> there = co_await look_up(*session, new_parent.handle, new_path.back());
        if (there) co_return;
    }
    check(renamed.value.status);
}

awaitable<void> NfsRemote::remove(std::string target) {
    const std::function<awaitable<void>()> task = [&] { return erase(target); };
    co_await tell(task, "remove", target);
}

awaitable<void> NfsRemote::erase(std::string target) {
    const Path path = path_of(target);
    Session* const session = co_await session_for(path);
    const Found parent = co_await walk_to_parent(*session, path);
    const std::optional<Found> there = co_await look_up(*session, parent.handle, path.back());
    if (!there) check(Status::noent);
    v3::PlaceArguments arguments;
    arguments.place = place_in(parent, path);
    const std::uint64_t repeated = session->repeated();
    const auto removed =
        co_await session->ask<v3::Changed>(there->is_folder() ? Procedure::rmdir : Procedure::remove, arguments);
    if (removed.value.status == Status::noent && session->repeated() != repeated) co_return;
    check(removed.value.status);
}

awaitable<void> NfsRemote::set_date(std::string target, std::chrono::sys_seconds wanted) {
    const std::function<awaitable<void>()> task = [&] { return date(target, wanted); };
    co_await tell(task, "date", target);
}

awaitable<void> NfsRemote::date(std::string target, std::chrono::sys_seconds wanted) {
    const Path path = path_of(target);
    Session* const session = co_await session_for(path);
    const Found found = co_await walk(*session, path, Links::stay);
    if (found.is_link()) throw Failure("it is a symbolic link", "name what it leads to");
    v3::SetattrArguments arguments;
    arguments.object = found.handle;
    arguments.attributes.mtime.how = NewTime::How::clients;
    arguments.attributes.mtime.time.seconds =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(wanted.time_since_epoch().count(), 0, 0xffff'ffff));
    const auto set = co_await session->ask<v3::Changed>(Procedure::setattr, arguments);
    check(set.value.status);
}

}  // namespace strata::application::nfs
