#include "strata/7_application/nfs/client/files/walking.hpp"

#include <algorithm>
#include <deque>

#include "strata/0_foundation/printable.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;

namespace {

constexpr std::size_t link_text_max = 4096;

// Where one is on the way, and what of it is left.
struct Way {
    std::vector<Found> above;  // from the mounted folder on
    std::deque<std::string> names;
    unsigned links = 0, steps = 0;
};

Failure of_name(const std::string& name, std::string_view why, std::string remedy) {
    return {"'" + printable(name) + "' " + std::string(why), std::move(remedy)};
}

// The next name, which is through then.
std::string one_more(const Volume& volume, Way& way) {
    if (++way.steps > volume.options().steps_max)
        throw Failure("the way there has more names than are followed", "name what is meant itself");
    std::string name = std::move(way.names.front());
    way.names.pop_front();
    return name;
}

// Instead of a link's name come those of its text.
awaitable<void> follow(Volume& volume, Way& way, const Found& link, const std::string& name) {
    if (++way.links > volume.options().links_max)
        throw of_name(name, "is one of more symbolic links than are followed", "name what they lead to");
    const std::string text = co_await volume.text_of_link(link.handle);
    if (text.empty() || text.size() > link_text_max || text.contains('\0'))
        throw nonsense("the symbolic link '" + printable(name) + "' has no path in it");
    if (text.starts_with('/'))
        throw of_name(
            name,
            "is a symbolic link to '" + printable(text) + "', which begins at a root that is not the server's to say",
            "name what it leads to");
    const Path more = path_of_text(text);
    way.names.insert(way.names.begin(), more.begin(), more.end());
}

void go_up(Way& way, const std::string& from) {
    if (way.above.size() == 1) throw of_name(from, "leads out of what is mounted", "name what is meant itself");
    way.above.pop_back();
}

// As many names as the server looks up at a time, until one of them is a link.
awaitable<void> go_down(Volume& volume, Way& way, Links links) {
    const auto up = std::ranges::find(way.names, "..");
    const std::vector<std::string> names(way.names.begin(), up);
    const std::vector<Found> found = co_await volume.look_down(way.above.back().handle, names);
    if (found.empty()) throw of_name(one_more(volume, way), "is not there (NFS3ERR_NOENT)", "check the name");
    for (const Found& next : found) {
        if (!way.above.back().is_folder()) co_return;
        const std::string name = one_more(volume, way);
        const bool is_last = way.names.empty();
        if (!next.is_link() || (is_last && links != Links::follow)) {
            way.above.push_back(next);
            continue;
        }
        if (links == Links::stay)
            throw of_name(name, "is a symbolic link, and nothing is changed through one", "name what it leads to");
        co_await follow(volume, way, next, name);
        co_return;
    }
}

}  // namespace

awaitable<std::optional<Found>> look_up(Volume& volume, AnyHandle folder, std::string name) {
    PlaceOfName place;
    place.folder = folder;
    place.name = std::move(name);
    co_return co_await volume.look_up(place);
}

awaitable<Found> walk(Volume& volume, const Path& path, Links links) {
    Way way;
    way.names.assign(path.begin() + static_cast<std::ptrdiff_t>(volume.folder().size()), path.end());
    Found mounted;
    mounted.handle = volume.root();
    mounted.attributes = co_await volume.attributes_of(mounted.handle);
    way.above.push_back(std::move(mounted));
    while (!way.names.empty()) {
        if (way.names.front() == "..") {
            go_up(way, one_more(volume, way));
            continue;
        }
        if (!way.above.back().is_folder()) throw failure_of(Status::notdir);
        co_await go_down(volume, way, links);
    }
    co_return way.above.back();
}

awaitable<Found> walk_to_parent(Volume& volume, const Path& path) {
    if (path.size() <= volume.folder().size()) throw Failure("it is what was mounted itself", "name something in it");
    const Path folder(path.begin(), path.end() - 1);
    const Found found = co_await walk(volume, folder, Links::stay);
    if (found.is_link())
        throw of_name(folder.back(), "is a symbolic link, and nothing is changed through one", "name what it leads to");
    if (!found.is_folder()) throw failure_of(Status::notdir);
    co_return found;
}

}  // namespace strata::application::nfs::client
