#include "strata/7_application/nfs/client/files/walking.hpp"

#include <deque>

#include "strata/0_foundation/printable.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v3::Procedure;

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

// Instead of a link's name come those of its text.
awaitable<void> follow(Session& session, Way& way, const Found& link, const std::string& name) {
    if (++way.links > session.options().links_max)
        throw of_name(name, "is one of more symbolic links than are followed", "name what they lead to");
    const v3::OfOne which{link.handle};
    const auto called = co_await session.ask<v3::ReadlinkResults>(Procedure::readlink, which);
    check(called.value.status);
    const std::string_view text = called.value.text;
    if (text.empty() || text.size() > link_text_max || text.contains('\0'))
        throw nonsense("the symbolic link '" + printable(name) + "' has no path in it");
    if (text.starts_with('/'))
        throw of_name(name,
                      "is a symbolic link to '" + printable(std::string(text)) +
                          "', which begins at a root that is not the server's to say",
                      "name what it leads to");
    const Path more = path_of_text(text);
    way.names.insert(way.names.begin(), more.begin(), more.end());
}

void go_up(Way& way, const std::string& from) {
    if (way.above.size() == 1) throw of_name(from, "leads out of what is mounted", "name what is meant itself");
    way.above.pop_back();
}

}  // namespace

awaitable<Found> look_at(Session& session, Handle handle) {
    const v3::OfOne which{handle};
    const auto called = co_await session.ask<v3::GetattrResults>(Procedure::getattr, which);
    check(called.value.status);
    Found found;
    found.handle = handle;
    found.attributes = called.value.attributes;
    co_return found;
}

awaitable<std::optional<Found>> look_up(Session& session, Handle folder, std::string name) {
    v3::PlaceArguments arguments;
    arguments.place.folder = folder;
    arguments.place.name = v3::Name(std::string_view(name));
    const auto called = co_await session.ask<v3::LookupResults>(Procedure::lookup, arguments);
    std::optional<Found> found;
    if (called.value.status == Status::noent) co_return found;
    check(called.value.status);
    found.emplace();
    found->handle = called.value.object;
    if (called.value.attributes)
        found->attributes = *called.value.attributes;
    else
        found = co_await look_at(session, found->handle);
    co_return found;
}

awaitable<Found> walk(Session& session, const Path& path, Links links) {
    Way way;
    way.names.assign(path.begin() + static_cast<std::ptrdiff_t>(session.folder().size()), path.end());
    Found at = co_await look_at(session, session.root());
    way.above.push_back(at);
    while (!way.names.empty()) {
        if (++way.steps > session.options().steps_max)
            throw Failure("the way there has more names than are followed", "name what is meant itself");
        const std::string name = std::move(way.names.front());
        way.names.pop_front();
        if (name == "..") {
            go_up(way, name);
            continue;
        }
        const Found& folder = way.above.back();
        if (!folder.is_folder()) throw failure_of(Status::notdir);
        const std::optional<Found> next = co_await look_up(session, folder.handle, name);
        if (!next) throw of_name(name, "is not there (NFS3ERR_NOENT)", "check the name");
        const bool is_last = way.names.empty();
        if (!next->is_link() || (is_last && links != Links::follow)) {
            way.above.push_back(*next);
        } else if (links == Links::stay) {
            throw of_name(name, "is a symbolic link, and nothing is changed through one", "name what it leads to");
        } else {
            co_await follow(session, way, *next, name);
        }
    }
    co_return way.above.back();
}

awaitable<Found> walk_to_parent(Session& session, const Path& path) {
    if (path.size() <= session.folder().size()) throw Failure("it is what was mounted itself", "name something in it");
    const Path folder(path.begin(), path.end() - 1);
    const Found found = co_await walk(session, folder, Links::stay);
    if (found.is_link())
        throw of_name(folder.back(), "is a symbolic link, and nothing is changed through one", "name what it leads to");
    if (!found.is_folder()) throw failure_of(Status::notdir);
    co_return found;
}

}  // namespace strata::application::nfs::client
