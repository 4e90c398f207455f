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
awaitable<Volume*> NfsRemote::volume_for(const Path& path) {
    if (!volume_ || !begins_with(path, volume_->folder())) {
        co_await leave();
        volume_ = co_await mount_for(network_, server(), path, options_.nfs, options_.client);
    }
    co_return volume_.get();
}

awaitable<void> NfsRemote::leave() {
    const std::unique_ptr<Volume> left = std::move(volume_);
    if (left) co_await left->leave();
}

awaitable<RemoteEntry> NfsRemote::stat(std::string target) {
    const std::function<awaitable<RemoteEntry>()> task = [&] { return look(target); };
    co_return co_await tell(task, "look at", target);
}

awaitable<RemoteEntry> NfsRemote::look(std::string target) {
    const Path path = path_of(target);
    Volume* const volume = co_await volume_for(path);
    const Found found = co_await walk(*volume, path, target.ends_with('/') ? Links::follow : Links::but_last);
    co_return entry_of(path.empty() ? std::string() : path.back(), found.attributes);
}

awaitable<std::vector<RemoteEntry>> NfsRemote::list(std::string target) {
    const std::function<awaitable<std::vector<RemoteEntry>>()> task = [&] { return entries(target); };
    co_return co_await tell(task, "list", target);
}

awaitable<std::vector<RemoteEntry>> NfsRemote::entries(std::string target) {
    const Path path = path_of(target);
    Volume* const volume = co_await volume_for(path);
    const Found folder = co_await walk(*volume, path, Links::follow);
    co_return co_await list_folder(*volume, folder, options_.entries_max);
}

}  // namespace strata::application::nfs
