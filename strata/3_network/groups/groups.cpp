#include "strata/3_network/groups/groups.hpp"

#include <utility>

namespace strata::network {

std::error_code Groups::listen(Listener listener, const IpAddress& group, const SourceFilter& filter) {
    if (!group.is_multicast()) return Error::invalid_argument;
    const auto found = groups_.find(group);
    std::vector<Wish> wishes = found == groups_.end() ? std::vector<Wish>{} : found->second.wishes;
    std::erase_if(wishes, [&](const Wish& wish) { return wish.listener == listener; });
    if (!filter.admits_nobody()) wishes.push_back({listener, filter});
    if (wishes.empty()) {
        if (found != groups_.end()) groups_.erase(found);
        return {};
    }
    if ((found == groups_.end() && groups_.size() >= options_.groups_max) || !fits(wishes)) {
        return Error::limit_reached;
    }
    SourceFilter together;
    for (const Wish& wish : wishes) together = merged(together, wish.filter);
    groups_[group] = {std::move(wishes), std::move(together)};
    return {};
}

// What is excluded together is never more than one of them excludes. What is included counts even
// while somebody excludes: it is the interface's when he leaves.
bool Groups::fits(const std::vector<Wish>& wishes) const {
    if (wishes.size() > options_.listeners_max) return false;
    SourceFilter included;
    for (const Wish& wish : wishes) {
        if (wish.filter.sources().size() > options_.sources_max) return false;
        if (wish.filter.includes()) included = merged(included, wish.filter);
    }
    return included.sources().size() <= options_.sources_max;
}

const SourceFilter& Groups::filter_of(const IpAddress& group) const noexcept {
    static const SourceFilter nobody;
    const auto found = groups_.find(group);
    return found == groups_.end() ? nobody : found->second.together;
}

}  // namespace strata::network
