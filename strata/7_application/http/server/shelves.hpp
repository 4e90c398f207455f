// Shelves: what is kept open, and kept as pages, of each root that a server serves: everybody's,
// and those of the users who were there lately.
#pragma once

#include <list>
#include <memory>

#include "strata/7_application/files/open_files.hpp"
#include "strata/7_application/http/server/listing/listings.hpp"
#include "strata/7_application/users/users.hpp"

namespace strata::application::http {

struct ShelvesOptions {
    std::size_t users_max = 16;           // whose shelves are kept: the one who asked longest ago loses his
    std::size_t user_files_max = 32;      // kept open for each
    std::size_t user_pages_max = 8;       // kept for each
    std::size_t user_kept_max = 1 << 20;  // bytes of them
};

struct Shelf {
    Shelf(session::Network& network, const FileRoot& root, const OpenFilesOptions& how, const ListingsOptions& pages)
        : files(root, how), listings(network, pages) {}
    std::shared_ptr<const User> user{};  // whose it is; unset: everybody's
    OpenFiles files;
    Listings listings;
    [[nodiscard]] const FileRoot& root() const noexcept { return files.root(); }
};

class Shelves {
public:
    // Network and root outlive them.
    Shelves(session::Network& network, const FileRoot& root, const OpenFilesOptions& files,
            const ListingsOptions& listings, const ShelvesOptions& options = {});

    [[nodiscard]] const std::shared_ptr<Shelf>& everybodys() const noexcept { return everybodys_; }
    // Whoever holds it keeps it, and with it his root.
    [[nodiscard]] std::shared_ptr<Shelf> of(const std::shared_ptr<const User>& user);
    [[nodiscard]] std::size_t users() const noexcept { return by_use_.size(); }

private:
    session::Network& network_;
    ShelvesOptions options_;
    OpenFilesOptions files_;
    ListingsOptions listings_;
    std::shared_ptr<Shelf> everybodys_;
    std::list<std::shared_ptr<Shelf>> by_use_;  // the latest first
};

}  // namespace strata::application::http
