#include "strata/7_application/http/server/listing/listings.hpp"

namespace strata::application::http {

Page Listings::find(std::string_view name, const OpenFile& folder, Instant now) {
    const auto found = by_name_.find(name);
    if (found == by_name_.end()) return nullptr;
    const Place place = found->second;
    if (place->changed == folder.changed() && now - place->made < options_.kept_for) return place->page;
    forget(place);
    return nullptr;
}

void Listings::keep(std::string_view name, const OpenFile& folder, Page page, Instant now) {
    if (const auto found = by_name_.find(name); found != by_name_.end()) forget(found->second);
    if (!may_be_kept(page->size()) || options_.pages_max == 0) return;
    while (by_age_.size() >= options_.pages_max || bytes_ + page->size() > options_.kept_max)
        forget(std::prev(by_age_.end()));
    bytes_ += page->size();
    by_age_.push_front({std::string(name), folder.changed(), std::move(page), now});
    by_name_.emplace(by_age_.front().name, by_age_.begin());
}

void Listings::forget(Place place) {
    bytes_ -= place->page->size();
    by_name_.erase(place->name);
    by_age_.erase(place);
}

}  // namespace strata::application::http
