#include "strata/7_application/http/server/listing/rows.hpp"

#include <algorithm>

#include "strata/7_application/http/server/listing/listing_json.hpp"
#include "strata/7_application/http/server/listing/listing_page.hpp"

namespace strata::application::http {

std::string Rows::head() const { return listing_.json ? json_head(listing_.path) : listing_head(listing_.path); }

std::string_view Rows::foot() const noexcept { return listing_.json ? json_foot() : listing_foot(); }

void Rows::append(std::string& to, std::size_t count) {
    const std::size_t end = std::min(names_.size(), place_ + count);
    for (; place_ < end; ++place_) {
        const auto entry = names_.look_at(place_);
        if (!entry) continue;
        if (listing_.json) {
            append_json_entry(to, *entry, first_);
        } else {
            append_listing_row(to, *entry);
        }
        first_ = false;
    }
}

// A name never begins with a slash.
std::string key_of(const FolderListing& listing) { return listing.json ? "/json/" + listing.name : listing.name; }

}  // namespace strata::application::http
