// Volume3: what is there.
#include "strata/7_application/nfs/client/version3/volume3.hpp"
#include "strata/7_application/nfs/client/volume/probe.hpp"
#include "strata/7_application/nfs/v3/folders.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v3::Procedure;

awaitable<Attributes> Volume3::attributes_of(const AnyHandle& handle) {
    const v3::OfOne which{handle3_of(handle)};
    const auto called = co_await session_->ask<v3::GetattrResults>(Procedure::getattr, which);
    check(called.value.status);
    co_return called.value.attributes;
}

awaitable<std::optional<Found>> Volume3::look_up(const PlaceOfName& place) {
    v3::PlaceArguments arguments;
    arguments.place = place3_of(place);
    const auto called = co_await session_->ask<v3::LookupResults>(Procedure::lookup, arguments);
    std::optional<Found> found;
    if (called.value.status == Status::noent) co_return found;
    check(called.value.status);
    found.emplace();
    found->handle = AnyHandle(called.value.object.bytes());
    found->place = place;
    if (called.value.attributes)
        found->attributes = *called.value.attributes;
    else
        found->attributes = co_await attributes_of(found->handle);
    co_return found;
}

awaitable<std::vector<Found>> Volume3::look_down(const AnyHandle& folder, std::span<const std::string> names) {
    PlaceOfName place;
    place.folder = folder;
    place.name = names.front();
    std::optional<Found> next = co_await look_up(place);
    std::vector<Found> found;
    if (next) found.push_back(std::move(*next));
    co_return found;
}

awaitable<std::string> Volume3::text_of_link(const AnyHandle& link) {
    const v3::OfOne which{handle3_of(link)};
    const auto called = co_await session_->ask<v3::ReadlinkResults>(Procedure::readlink, which);
    check(called.value.status);
    co_return std::string(called.value.text);
}

awaitable<bool> Volume3::may_rename_in(const AnyHandle& folder) {
    using Rights = v3::AccessArguments;
    v3::AccessArguments arguments;
    arguments.object = handle3_of(folder);
    arguments.asked = Rights::lookup | Rights::modify | Rights::extend | Rights::delete_entry;
    const auto called = co_await session_->ask<v3::AccessResults>(Procedure::access, arguments);
    check(called.value.status);
    constexpr std::uint32_t needed = Rights::modify | Rights::delete_entry;
    if ((called.value.granted & needed) != needed) co_return false;
    const PlaceOfName nowhere = nowhere_in(folder, network().entropy());
    const Status removed = co_await remove(nowhere, false);
    co_return may_remove(removed);
}

awaitable<Page> Volume3::list(const AnyHandle& folder, const Cursor& from, std::uint32_t size, bool with_attributes) {
    if (!with_attributes) co_return co_await list_plain(folder, from, size);
    v3::ReaddirplusArguments arguments;
    arguments.folder = handle3_of(folder);
    arguments.cookie = from.cookie;
    arguments.verifier = from.verifier;
    arguments.names_size = size;
    arguments.count = size;
    const auto called = co_await session_->ask<v3::ReaddirplusResults>(Procedure::readdirplus, arguments);
    Page page;
    page.status = called.value.status;
    page.verifier = called.value.verifier;
    page.end = called.value.end;
    for (const v3::EntryPlus& one : called.value.entries)
        page.entries.push_back({std::string(one.name), one.cookie, one.attributes});
    co_return page;
}

awaitable<Page> Volume3::list_plain(const AnyHandle& folder, const Cursor& from, std::uint32_t size) {
    v3::ReaddirArguments arguments;
    arguments.folder = handle3_of(folder);
    arguments.cookie = from.cookie;
    arguments.verifier = from.verifier;
    arguments.count = size;
    const auto called = co_await session_->ask<v3::ReaddirResults>(Procedure::readdir, arguments);
    Page page;
    page.status = called.value.status;
    page.verifier = called.value.verifier;
    page.end = called.value.end;
    for (const v3::Entry& one : called.value.entries)
        page.entries.push_back({std::string(one.name), one.cookie, std::nullopt});
    co_return page;
}

}  // namespace strata::application::nfs::client
