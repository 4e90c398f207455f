// Listing: a folder's names in an order that does not change while names come and go (RFC 1813
// 3.3.16): by their cookies, and a name's cookie is a keyed digest of it. Whoever goes on behind a
// cookie misses nothing that was there all the time, and sees nothing twice, also after a restart
// with the same key.
//
// Of a large folder so many names are taken at a time, and read anew for those behind them. What
// was read is kept for who goes on, for a few folders.
#pragma once

#include <list>
#include <memory>
#include <vector>

#include "strata/7_application/nfs/handles/handle.hpp"
#include "strata/7_application/nfs/handles/tree.hpp"

namespace strata::application::nfs {

struct ListingOptions {
    std::size_t names_max = 16384;             // of a folder, at a time
    std::size_t listings_max = 16;             // kept
    std::size_t listing_reply_max = 64 << 10;  // bytes of a reply
};

// Names with cookies behind `after`, in their order.
struct Listing {
    static constexpr std::uint64_t self = 1, parent = 2;  // cookies of "." and "..", which are not among them
    struct Name {
        std::uint64_t cookie = 0;
        std::uint64_t inode = 0;
        std::string text;
    };
    FileId folder;
    statx_timestamp changed{};
    std::uint64_t after = 0;
    std::vector<Name> names;
    bool to_the_end = false;

    // The first name behind this cookie is among them, or there is none.
    [[nodiscard]] bool goes_on_behind(std::uint64_t cookie) const noexcept {
        return cookie >= after && (to_the_end || cookie < names.back().cookie);
    }
};

// Errors: those of reading the folder. Waits for the disk, and may be called on any thread.
[[nodiscard]] std::expected<Listing, std::error_code> read_listing(const FileRoot& root, const Node& folder,
                                                                   const HandleKey& key, std::uint64_t after,
                                                                   std::size_t names_max);

class Listings {
public:
    explicit Listings(std::size_t listings_max) : listings_max_(listings_max) {}
    // Nothing: it must be read.
    [[nodiscard]] std::shared_ptr<const Listing> find(const Node& folder, std::uint64_t cookie);
    void keep(std::shared_ptr<const Listing> listing);
    [[nodiscard]] std::size_t size() const noexcept { return by_use_.size(); }

private:
    std::size_t listings_max_;
    std::list<std::shared_ptr<const Listing>> by_use_;  // the latest first
};

}  // namespace strata::application::nfs
