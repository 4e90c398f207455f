// Volume3: names are made and changed, files opened, and the whole
// left (RFC 1813 3.3.2, 3.3.8 to 3.3.15).
#include "strata/7_application/nfs/client/version3/exports.hpp"
#include "strata/7_application/nfs/client/version3/open_file3.hpp"
#include "strata/7_application/nfs/client/version3/volume3.hpp"
#include "strata/7_application/nfs/client/volume/random_verifier.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v3::Procedure;

namespace {

using How3 = v3::CreateArguments::How;

}  // namespace

v3::Place place3_of(const PlaceOfName& place) {
    v3::Place said;
    said.folder = handle3_of(place.folder);
    said.name = v3::Name(std::string_view(place.name));
    return said;
}

// RFC 1813 3.3.8: of exclusive creation the attributes are the client's to set. A server that sets
// none lets the file be all the same.
awaitable<void> Volume3::set_first_attributes(const Handle& file, std::uint32_t mode) {
    v3::SetattrArguments arguments;
    arguments.object = file;
    arguments.attributes.mode = mode;
    arguments.attributes.atime.how = arguments.attributes.mtime.how = NewTime::How::servers;
    (void)co_await session_->ask<v3::Changed>(Procedure::setattr, arguments);
}

awaitable<std::optional<Made>> Volume3::make_file(const PlaceOfName& place, std::uint32_t mode) {
    v3::CreateArguments arguments;
    arguments.place = place3_of(place);
    arguments.how = How3::exclusive;
    arguments.verifier = random_verifier(network().entropy());
    auto made = co_await session_->ask<v3::CreateResults>(Procedure::create, arguments);
    if (made.value.status == Status::notsupp) {
        arguments.how = How3::guarded;
        arguments.attributes.mode = mode;
        made = co_await session_->ask<v3::CreateResults>(Procedure::create, arguments);
    }
    std::optional<Made> result;
    if (made.value.status == Status::exist) co_return result;
    check(made.value.status);
    std::optional<Handle> handle = made.value.object;
    if (!handle) {
        const std::optional<Found> there = co_await look_up(place);
        if (!there) check(Status::stale);
        handle = handle3_of(there->handle);
    }
    if (arguments.how == How3::exclusive) co_await set_first_attributes(*handle, mode);
    result.emplace();
    result->found.handle = AnyHandle(handle->bytes());
    result->found.place = place;
    result->found.attributes = co_await attributes_of(result->found.handle);
    result->file = std::make_unique<OpenFile3>(session_, *handle);
    co_return result;
}

awaitable<Status> Volume3::make_folder(const PlaceOfName& place, std::uint32_t mode) {
    v3::MkdirArguments arguments;
    arguments.place = place3_of(place);
    arguments.attributes.mode = mode;
    const auto made = co_await session_->ask<v3::CreateResults>(Procedure::mkdir, arguments);
    co_return made.value.status;
}

awaitable<Status> Volume3::remove(const PlaceOfName& place, bool is_folder) {
    v3::PlaceArguments arguments;
    arguments.place = place3_of(place);
    const Procedure procedure = is_folder ? Procedure::rmdir : Procedure::remove;
    const auto removed = co_await session_->ask<v3::Changed>(procedure, arguments);
    co_return removed.value.status;
}

awaitable<Status> Volume3::rename(const PlaceOfName& from, const PlaceOfName& to) {
    v3::RenameArguments arguments;
    arguments.from = place3_of(from);
    arguments.to = place3_of(to);
    const auto renamed = co_await session_->ask<v3::RenameResults>(Procedure::rename, arguments);
    co_return renamed.value.status;
}

awaitable<Status> Volume3::link(const AnyHandle& file, const PlaceOfName& to) {
    v3::LinkArguments arguments;
    arguments.object = handle3_of(file);
    arguments.to = place3_of(to);
    const auto linked = co_await session_->ask<v3::LinkResults>(Procedure::link, arguments);
    co_return linked.value.status;
}

awaitable<Status> Volume3::set_date(const AnyHandle& file, std::uint32_t seconds) {
    v3::SetattrArguments arguments;
    arguments.object = handle3_of(file);
    arguments.attributes.mtime.how = NewTime::How::clients;
    arguments.attributes.mtime.time.seconds = seconds;
    const auto set = co_await session_->ask<v3::Changed>(Procedure::setattr, arguments);
    co_return set.value.status;
}

awaitable<std::unique_ptr<OpenFile>> Volume3::open(const Found& file, Access /*access*/) {
    co_return std::make_unique<OpenFile3>(session_, handle3_of(file.handle));
}

awaitable<void> Volume3::leave() {
    try {
        co_await tell_unmounted(*mount_server_, session_->folder(), farewell_);
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it was a courtesy
    }
}

}  // namespace strata::application::nfs::client
