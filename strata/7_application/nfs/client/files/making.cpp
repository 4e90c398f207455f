#include "strata/7_application/nfs/client/files/making.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v3::Procedure;
using How = v3::CreateArguments::How;

namespace {

v3::Place in_words(const PlaceOfName& place) {
    v3::Place said;
    said.folder = place.folder;
    said.name = v3::Name(std::string_view(place.name));
    return said;
}

v3::Verifier random_verifier(Entropy& entropy) {
    v3::Verifier verifier;
    store_be32(verifier.data(), static_cast<std::uint32_t>(entropy.next()));
    store_be32(verifier.data() + 4, static_cast<std::uint32_t>(entropy.next()));
    return verifier;
}

// RFC 1813 3.3.8: of exclusive creation the attributes are the client's to set. A server that sets
// none lets the file be all the same.
awaitable<void> set_first_attributes(Session& session, const Handle& file, std::uint32_t mode) {
    v3::SetattrArguments arguments;
    arguments.object = file;
    arguments.attributes.mode = mode;
    arguments.attributes.atime.how = arguments.attributes.mtime.how = NewTime::How::servers;
    (void)co_await session.ask<v3::Changed>(Procedure::setattr, arguments);
}

awaitable<bool> is_at(Session& session, const PlaceOfName& place, const Found& file) {
    const std::optional<Found> there = co_await look_up(session, place.folder, place.name);
    co_return there && there->attributes.fsid == file.attributes.fsid &&
        there->attributes.fileid == file.attributes.fileid;
}

awaitable<void> rename_file(Session& session, const PlaceOfName& from, const PlaceOfName& to, const Found& file) {
    v3::RenameArguments arguments;
    arguments.from = in_words(from);
    arguments.to = in_words(to);
    const auto renamed = co_await session.ask<v3::RenameResults>(Procedure::rename, arguments);
    if (renamed.value.status == Status::noent) {
        const bool was_done = co_await is_at(session, to, file);
        if (was_done) co_return;
    }
    check(renamed.value.status);
}

// False: the server, or its disk, knows no links.
awaitable<bool> link_file(Session& session, const PlaceOfName& to, const Found& file) {
    if (!session.knows_links()) co_return false;
    v3::LinkArguments arguments;
    arguments.object = file.handle;
    arguments.to = in_words(to);
    const auto linked = co_await session.ask<v3::LinkResults>(Procedure::link, arguments);
    const Status status = linked.value.status;
    if (status == Status::exist) {
        const bool was_done = co_await is_at(session, to, file);
        if (!was_done) check(status);
    }
    co_return status == Status::ok || status == Status::exist;
}

}  // namespace

awaitable<std::optional<Found>> make_file(Session& session, const PlaceOfName& place, std::uint32_t mode) {
    v3::CreateArguments arguments;
    arguments.place = in_words(place);
    arguments.how = How::exclusive;
    arguments.verifier = random_verifier(session.network().entropy());
    auto made = co_await session.ask<v3::CreateResults>(Procedure::create, arguments);
    if (made.value.status == Status::notsupp) {
        arguments.how = How::guarded;
        arguments.attributes.mode = mode;
        made = co_await session.ask<v3::CreateResults>(Procedure::create, arguments);
    }
    std::optional<Found> found;
    if (made.value.status == Status::exist) co_return found;
    check(made.value.status);
    std::optional<Handle> handle = made.value.object;
    if (!handle) {
        const std::optional<Found> there = co_await look_up(session, place.folder, place.name);
        if (!there) check(Status::stale);
        handle = there->handle;
    }
    if (arguments.how == How::exclusive) co_await set_first_attributes(session, *handle, mode);
    found = co_await look_at(session, *handle);
    co_return found;
}

awaitable<void> remove_file(Session& session, const PlaceOfName& place) {
    v3::PlaceArguments arguments;
    arguments.place = in_words(place);
    const auto removed = co_await session.ask<v3::Changed>(Procedure::remove, arguments);
    if (removed.value.status != Status::noent) check(removed.value.status);
}

awaitable<void> put_in_place(Session& session, const PlaceOfName& place, const Found& file, std::string name,
                             bool replace) {
    const PlaceOfName to{place.folder, std::move(name)};
    if (!replace) {
        const bool is_linked = co_await link_file(session, to, file);
        if (is_linked) {
            co_await remove_file(session, place);
            co_return;
        }
        const std::optional<Found> there = co_await look_up(session, to.folder, to.name);
        if (there) check(Status::exist);
    }
    co_await rename_file(session, place, to, file);
}

awaitable<bool> may_rename_in(Session& session, const Found& folder) {
    using Right = v3::AccessArguments;
    v3::AccessArguments arguments;
    arguments.object = folder.handle;
    arguments.asked = Right::lookup | Right::modify | Right::extend | Right::delete_entry;
    const auto called = co_await session.ask<v3::AccessResults>(Procedure::access, arguments);
    check(called.value.status);
    constexpr std::uint32_t needed = Right::modify | Right::delete_entry;
    if ((called.value.granted & needed) != needed) co_return false;
    // It is advice (RFC 1813 3.3.4), and a server of ours where names
    // may only be made gives more of it than it keeps, for Linux's
    // sake: who may remove hears that what is nowhere is not there.
    const PlaceOfName nowhere{folder.handle, ".nfs" + std::to_string(session.network().entropy().next())};
    v3::PlaceArguments of_nothing;
    of_nothing.place = in_words(nowhere);
    const auto removed = co_await session.ask<v3::Changed>(Procedure::remove, of_nothing);
    const Status said = removed.value.status;
    co_return said != Status::acces&& said != Status::perm&& said != Status::rofs;
}

}  // namespace strata::application::nfs::client
