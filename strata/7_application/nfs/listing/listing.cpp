#include "strata/7_application/nfs/listing/listing.hpp"

#include <dirent.h>
#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "strata/7_application/files/file_error.hpp"
#include "strata/7_application/nfs/handles/hides.hpp"

namespace strata::application::nfs {
namespace {

struct CloseListed {
    void operator()(DIR* folder) const noexcept { closedir(folder); }
};

// Clients may take a cookie for a number with a sign.
std::uint64_t cookie_of(const HandleKey& key, std::string_view name) noexcept {
    const std::uint64_t digest = key.digest_of(bytes_of(name)) >> 1u;
    return std::max(digest, Listing::parent + 1);
}

bool comes_before(const Listing::Name& a, const Listing::Name& b) noexcept {
    return a.cookie != b.cookie ? a.cookie < b.cookie : a.text < b.text;
}

bool is_same_time(const statx_timestamp& a, const statx_timestamp& b) noexcept {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

std::expected<Listing, std::error_code> read_listing(const FileRoot& root, const Node& folder, const HandleKey& key,
                                                     std::uint64_t after, std::size_t names_max) {
    Descriptor reading{::openat(folder.at.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    const std::unique_ptr<DIR, CloseListed> open(reading ? ::fdopendir(reading.get()) : nullptr);
    if (!open) return std::unexpected(std::error_code(errno, std::generic_category()));
    (void)reading.release();  // the directory stream closes it
    Listing listing{folder.seen.id, folder.seen.facts.stx_ctime, after, {}, true};
    std::vector<Listing::Name>& names = listing.names;  // a heap, the last name on top
    const std::size_t kept_max = std::max<std::size_t>(names_max, 1);
    for (;;) {
        errno = 0;
        const dirent* found = ::readdir(open.get());
        if (found == nullptr) break;
        const std::string_view name = found->d_name;
        if (name == "." || name == ".." || hides(root, name)) continue;
        const std::uint64_t cookie = cookie_of(key, name);
        if (cookie <= after) continue;
        names.push_back({cookie, found->d_ino, std::string(name)});
        std::ranges::push_heap(names, comes_before);
        if (names.size() <= kept_max) continue;
        std::ranges::pop_heap(names, comes_before);
        names.pop_back();
        listing.to_the_end = false;
    }
    if (errno != 0) return std::unexpected(std::error_code(errno, std::generic_category()));
    std::ranges::sort_heap(names, comes_before);
    return listing;
}

std::shared_ptr<const Listing> Listings::find(const Node& folder, std::uint64_t cookie) {
    const auto found = std::ranges::find_if(by_use_, [&](const auto& one) {
        return one->folder == folder.seen.id && is_same_time(one->changed, folder.seen.facts.stx_ctime) &&
               one->goes_on_behind(cookie);
    });
    if (found == by_use_.end()) return nullptr;
    by_use_.splice(by_use_.begin(), by_use_, found);
    return by_use_.front();
}

// One of a folder: in the place of what was kept of it.
void Listings::keep(std::shared_ptr<const Listing> listing) {
    if (listings_max_ == 0) return;
    std::erase_if(by_use_, [&](const auto& one) { return one->folder == listing->folder; });
    if (by_use_.size() == listings_max_) by_use_.pop_back();
    by_use_.push_front(std::move(listing));
}

}  // namespace strata::application::nfs
