#include "strata/7_application/http/server/shelves.hpp"

#include <algorithm>

namespace strata::application::http {

Shelves::Shelves(session::Network& network, const FileRoot& root, const OpenFilesOptions& files,
                 const ListingsOptions& listings, const ShelvesOptions& options)
    : network_(network),
      options_(options),
      files_(files),
      listings_(listings),
      everybodys_(std::make_shared<Shelf>(network, root, files, listings)) {
    files_.files_max = options.user_files_max;
    listings_.pages_max = options.user_pages_max;
    listings_.kept_max = options.user_kept_max;
}

std::shared_ptr<Shelf> Shelves::of(const std::shared_ptr<const User>& user) {
    const auto found = std::ranges::find(by_use_, user, &Shelf::user);
    if (found != by_use_.end()) {
        by_use_.splice(by_use_.begin(), by_use_, found);
        return by_use_.front();
    }
    auto shelf = std::make_shared<Shelf>(network_, *user->root, files_, listings_);
    shelf->user = user;
    if (options_.users_max == 0) return shelf;
    if (by_use_.size() >= options_.users_max) by_use_.pop_back();
    by_use_.push_front(shelf);
    return shelf;
}

}  // namespace strata::application::http
