#include "strata/7_application/nfs/client/files/listing.hpp"

#include "strata/7_application/nfs/client/files/version.hpp"
#include "strata/7_application/nfs/client/session/together.hpp"

namespace strata::application::nfs::client {

using session::asio::awaitable;

namespace {

struct Named {
    std::string name;
    PostAttributes attributes;
};

class ListedFolder {
public:
    ListedFolder(Volume& volume, const Found& folder, std::size_t entries_max)
        : volume_(volume), folder_(folder), entries_max_(entries_max), size_(volume.listing_size()) {}

    awaitable<std::vector<RemoteEntry>> all() {
        while (!ended_) co_await page();
        co_await look_at_the_others();
        std::vector<RemoteEntry> entries;
        entries.reserve(found_.size());
        for (Named& one : found_) {
            if (one.attributes) entries.push_back(entry_of(std::move(one.name), *one.attributes));
        }
        co_return entries;
    }

private:
    awaitable<void> page() {
        const Page page = co_await volume_.list(folder_.handle, cursor_, size_, with_attributes_);
        if (page.status != Status::ok) {
            mend(page.status);
            co_return;
        }
        for (const Listed& one : page.entries) take(one.name, one.cookie, one.attributes);
        turn(page);
    }

    void take(std::string_view name, std::uint64_t cookie, const PostAttributes& attributes) {
        cursor_.cookie = cookie;
        // Those that are left out, as "." and "..", count: a list of them would have no end.
        const bool is_name = is_entry_name(name);
        if (++seen_ > entries_max_ + 2 || (is_name && found_.size() == entries_max_))
            throw Failure("it has more than " + std::to_string(entries_max_) + " entries", "list folders within it");
        if (is_name) found_.push_back({std::string(name), attributes});
    }
    void turn(const Page& page) {
        cursor_.verifier = page.verifier;
        ended_ = page.end;
        if (page.entries.empty() && !page.end)
            throw nonsense("the server says that there are more names, and lists none");
    }

    // What does not go so may go otherwise.
    void mend(Status status) {
        if (status == Status::notsupp && with_attributes_) {
            with_attributes_ = false;
        } else if (status == Status::bad_cookie && cursor_.cookie != 0 &&
                   restarts_++ < volume_.options().restarts_max) {
            // It has changed meanwhile.
            found_.clear();
            seen_ = 0;
            cursor_ = {};
        } else if (status == Status::toosmall && size_ < volume_.options().listing_reply_max) {
            size_ = std::min(size_ * 2, volume_.options().listing_reply_max);
        } else {
            check(status);
        }
    }

    // Of whom the server has said no attributes. Who is gone meanwhile is left out.
    awaitable<void> look_at_the_others() {
        const std::function<awaitable<void>()> work = [this] { return this->work(); };
        co_await run_together(std::max<std::size_t>(volume_.options().in_flight_max, 1), work);
    }
    awaitable<void> work() {
        while (next_ < found_.size()) {
            Named& one = found_[next_++];
            if (one.attributes) continue;
            const std::optional<Found> there = co_await look_up(volume_, folder_.handle, one.name);
            if (there) one.attributes = there->attributes;
        }
    }

    Volume& volume_;
    const Found& folder_;
    std::size_t entries_max_;
    std::uint32_t size_;
    bool with_attributes_ = true;
    bool ended_ = false;
    Cursor cursor_;
    unsigned restarts_ = 0;
    std::size_t seen_ = 0;
    std::size_t next_ = 0;
    std::vector<Named> found_;
};

RemoteEntry::Kind kind_of(FileType type) noexcept {
    switch (type) {
        case FileType::file: return RemoteEntry::Kind::file;
        case FileType::folder: return RemoteEntry::Kind::folder;
        case FileType::link: return RemoteEntry::Kind::link;
        default: return RemoteEntry::Kind::other;
    }
}

}  // namespace

RemoteEntry entry_of(std::string name, const Attributes& attributes) {
    RemoteEntry entry;
    entry.name = std::move(name);
    entry.kind = kind_of(attributes.type);
    if (entry.kind == RemoteEntry::Kind::file) entry.size = attributes.size;
    entry.date = date_of(attributes);
    return entry;
}

awaitable<std::vector<RemoteEntry>> list_folder(Volume& volume, const Found& folder, std::size_t entries_max) {
    if (!folder.is_folder()) throw failure_of(Status::notdir);
    ListedFolder listed(volume, folder, entries_max);
    co_return co_await listed.all();
}

}  // namespace strata::application::nfs::client
