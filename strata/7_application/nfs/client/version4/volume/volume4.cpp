#include "strata/7_application/nfs/client/version4/volume/volume4.hpp"

#include <algorithm>

#include "strata/7_application/nfs/client/version4/message/failure4.hpp"
#include "strata/7_application/nfs/client/version4/state/open_file4.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;
using v4::Status4;
using Mode4 = v4::OpenArguments::Mode;

namespace {

constexpr std::uint64_t size_least4 = 512;  // of servers that say nonsense

std::uint32_t size_within(std::uint64_t most, std::uint32_t ours) {
    return static_cast<std::uint32_t>(
        std::clamp<std::uint64_t>(most, size_least4, std::max<std::uint64_t>(ours, size_least4)));
}

}  // namespace

Volume4::Volume4(std::shared_ptr<Conversation> talk, std::shared_ptr<Lease> lease, const AnyHandle& root,
                 const Told4& told)
    : talk_(std::move(talk)),
      lease_(std::move(lease)),
      root_(root),
      read_size_(talk_->options().data_max),
      write_size_(talk_->options().data_max),
      names_at_once_(std::max<std::size_t>(talk_->options().names_at_once_max, 1)) {
    note_limits(told);
}

Volume4::~Volume4() {
    lease_->stop();
    talk_->stop();
}

// They are of a file system: a server may have several.
void Volume4::note_limits(const Told4& told) {
    const std::uint32_t ours = options().data_max;
    if (told.read_max) read_size_ = size_within(*told.read_max, ours);
    if (told.write_max) write_size_ = size_within(*told.write_max, ours);
    knows_links_ = told.links.value_or(knows_links_);
}

std::unique_ptr<OpenFile> Volume4::opened_file(const Found& file, Access access, Opened4 opened) {
    note_limits(opened.told);
    const bool handles_stay = opened.told.handles_expire.value_or(0) == 0;  // FH4_PERSISTENT
    return std::make_unique<OpenFile4>(talk_, lease_, file, access, std::move(opened.state), handles_stay);
}

awaitable<std::unique_ptr<OpenFile>> Volume4::open(const Found& file, Access access) {
    co_await close_what_was_left();
    OpenRequest request;
    request.place = file.place;
    request.access = access;
    Opened4 opened = co_await open_at_last(*talk_, *lease_, request);
    check(opened.status);
    const bool is_it = is_same_file(opened.told.attributes, file.attributes);
    std::unique_ptr<OpenFile> open = opened_file(file, access, std::move(opened));
    if (!is_it) {
        co_await open->close();
        throw Failure("another file has its name meanwhile", "try again", true);
    }
    co_return open;
}

awaitable<std::optional<Made>> Volume4::make_file(const PlaceOfName& place, std::uint32_t mode) {
    co_await close_what_was_left();
    OpenRequest request;
    request.place = place;
    request.access = Access::write;
    request.make = Mode4::exclusive;
    store_be32(request.verifier.data(), static_cast<std::uint32_t>(network().entropy().next()));
    store_be32(request.verifier.data() + 4, static_cast<std::uint32_t>(network().entropy().next()));
    Opened4 opened = co_await open_at_last(*talk_, *lease_, request);
    if (opened.status == Status4::notsupp) {
        request.make = Mode4::guarded;
        request.first_attributes.mode(mode);
        opened = co_await open_at_last(*talk_, *lease_, request);
    }
    std::optional<Made> made;
    if (opened.status == Status4::exist) co_return made;
    check(opened.status);
    made.emplace();
    made->found.handle = opened.state.file;
    made->found.place = place;
    made->found.attributes = opened.told.attributes;
    made->file = opened_file(made->found, Access::write, std::move(opened));
    if (request.make == Mode4::guarded) co_return made;
    // RFC 7530 16.16.5: of exclusive creation the attributes are the client's to set. A server that
    // sets none lets the file be all the same.
    Setting4 setting;
    setting.mode(mode).now();
    (void)co_await set(made->found.handle, setting);
    made->found.attributes = co_await attributes_of(made->found.handle);
    co_return made;
}

awaitable<void> Volume4::close_what_was_left() {
    const std::list<OpenState> left = lease_->take_left_open();
    for (const OpenState& one : left) co_await close_state(*talk_, one);
}

awaitable<void> Volume4::leave() {
    try {
        co_await close_what_was_left();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch): it was a courtesy
    }
}

}  // namespace strata::application::nfs::client
