// Groups: what an interface has joined (RFC 9776 3): for each group, what each of its listeners
// asked for, and what they make together. Of both versions of IP; owned by Interface.
#pragma once

#include <map>
#include <vector>

#include "strata/0_foundation/error.hpp"
#include "strata/3_network/groups/source_filter.hpp"

namespace strata::network {

struct GroupsOptions {
    std::size_t groups_max = 64;      // of one interface, the all-hosts group among them
    std::size_t listeners_max = 256;  // of one group
    std::size_t sources_max = 64;     // of one listener's filter, and of those that all listeners include
};

// Who listens: a socket, by its address; null is the host itself.
using Listener = const void*;

class Groups {
public:
    explicit Groups(const GroupsOptions& options) : options_(options) {}

    // Replaces what this listener asked for (RFC 9776 2: IPMulticastListen);
    // a filter that admits nobody takes it away. Errors: invalid_argument
    // (no group), limit_reached: nothing has changed.
    [[nodiscard]] std::error_code listen(Listener listener, const IpAddress& group, const SourceFilter& filter);
    // What all listeners together want.
    [[nodiscard]] const SourceFilter& filter_of(const IpAddress& group) const noexcept;
    [[nodiscard]] bool joined(const IpAddress& group) const noexcept { return groups_.contains(group); }
    [[nodiscard]] bool admits(const IpAddress& group, const IpAddress& source) const noexcept {
        return filter_of(group).admits(source);
    }
    [[nodiscard]] std::size_t size() const noexcept { return groups_.size(); }
    // Calls visit(group, filter) for each group, in the order of their addresses.
    template <typename Visitor>
    void for_each(Visitor&& visit) const {
        for (const auto& [group, state] : groups_) visit(group, state.together);
    }

private:
    struct Wish {
        Listener listener = nullptr;
        SourceFilter filter;
    };
    struct Group {
        std::vector<Wish> wishes;
        SourceFilter together;
    };
    [[nodiscard]] bool fits(const std::vector<Wish>& wishes) const;

    GroupsOptions options_;
    std::map<IpAddress, Group> groups_;
};

}  // namespace strata::network
