// Work: a call of version 3, with what its handles lead to.
#pragma once

#include <deque>

#include "strata/7_application/nfs/v3/message.hpp"
#include "strata/7_application/nfs/work/work.hpp"

namespace strata::application::nfs::v3 {

struct Work : nfs::Work {
    using nfs::Work::Work;
    std::array<Node, 2> nodes;  // of the arguments' handles
    std::shared_ptr<const Listing> listing;
    Status listing_status = Status::ok;
    std::string text;  // that results point to
    std::deque<std::string> names;
    std::shared_ptr<const void> owner;  // of the data of results
};

// Before, as it was found, and after, as it is now.
[[nodiscard]] inline WeakCacheData wcc_of(const Node& node) {
    return {cache_attributes_of(node.seen), attributes_now(node.at.get())};
}

}  // namespace strata::application::nfs::v3
