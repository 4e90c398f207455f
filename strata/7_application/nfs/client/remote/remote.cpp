#include "strata/7_application/nfs/client/remote/remote.hpp"

#include "strata/7_application/nfs/client/files/listing.hpp"
#include "strata/7_application/nfs/client/remote/telling.hpp"

namespace strata::application::nfs {

using session::asio::awaitable;
using namespace client;

NfsRemote::Path NfsRemote::path_of(std::string_view target) {
    auto path = path_of_target(target);
    if (!path) throw failure_of(path.error());
    return std::move(*path);
}

// What was mounted serves, as long as it has the path in it.
awaitable<Session*> NfsRemote::session_for(const Path& path) {
    if (!mount_.session || !begins_with(path, mount_.session->folder())) {
        co_await leave();
        mount_ = co_await mount_for(network_, server(), path, options_.nfs, options_.client);
    }
    co_return mount_.session.get();
}

awaitable<void> NfsRemote::leave() {
    const Mount left = std::exchange(mount_, Mount{});
    co_await unmount(left);
}

awaitable<RemoteEntry> NfsRemote::stat(std::string target) {
    const std::function<awaitable<RemoteEntry>()> task = [&] { return look(target); };
    co_return co_await tell(task, "look at", target);
}

awaitable<RemoteEntry> NfsRemote::look(std::string target) {
    const Path path = path_of(target);
    Session* const session = co_await session_for(path);
    const Found found = co_await walk(*session, path, target.ends_with('/') ? Links::follow : Links::but_last);
    co_return entry_of(path.empty() ? std::string() : path.back(), found.attributes);
}

awaitable<std::vector<RemoteEntry>> NfsRemote::list(std::string target) {
    const std::function<awaitable<std::vector<RemoteEntry>>()> task = [&] { return entries(target); };
    co_return co_await tell(task, "list", target);
}

awaitable<std::vector<RemoteEntry>> NfsRemote::entries(std::string target) {
    const Path path = path_of(target);
    Session* const session = co_await session_for(path);
    const Found folder = co_await walk(*session, path, Links::follow);
    co_return co_await list_folder(*session, folder, options_.entries_max);
}

}  // namespace strata::application::nfs
