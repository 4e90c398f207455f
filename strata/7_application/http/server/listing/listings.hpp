// Listings: pages of folders that were asked for lately, and turns for making others.
//
// A page is what a folder was within the last second: a crowd that asks
// for the same one at once has it made for it once. Only a few are made
// at a time: their names, and what waits to be sent, are memory.
#pragma once

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "strata/7_application/files/listing.hpp"
#include "strata/7_application/serving/turns.hpp"

namespace strata::application::http {

struct ListingsOptions {
    std::size_t pages_max = 64;      // kept
    std::size_t kept_max = 8 << 20;  // bytes of them; a page of more than a quarter of it is not kept
    Duration kept_for = 1s;
    std::size_t made_at_once_max = 2;
};

using Page = std::shared_ptr<const std::string>;

class Listings {
public:
    using Options = ListingsOptions;
    // The network outlives it.
    Listings(session::Network& network, Options options)
        : options_(options), turns_(network, options.made_at_once_max) {}

    // The page of the folder of this name as it was made not long ago; nothing if there is none, or
    // the folder is another by now.
    [[nodiscard]] Page find(std::string_view name, const OpenFile& folder, Instant now);
    void keep(std::string_view name, const OpenFile& folder, Page page, Instant now);
    [[nodiscard]] bool may_be_kept(std::size_t bytes) const noexcept { return bytes <= options_.kept_max / 4; }
    // Of folders too large for that.
    [[nodiscard]] SharedNames& names() noexcept { return names_; }
    // For making one.
    [[nodiscard]] Turns& turns() noexcept { return turns_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t pages() const noexcept { return by_age_.size(); }

private:
    struct Entry {
        std::string name;
        std::chrono::sys_time<std::chrono::nanoseconds> changed;
        Page page;
        Instant made;
    };
    using Place = std::list<Entry>::iterator;
    void forget(Place place);

    Options options_;
    Turns turns_;
    std::list<Entry> by_age_;  // the latest first
    std::unordered_map<std::string_view, Place> by_name_;
    SharedNames names_;
    std::size_t bytes_ = 0;
};

}  // namespace strata::application::http
