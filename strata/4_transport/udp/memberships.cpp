#include "strata/4_transport/udp/memberships.hpp"

#include <algorithm>

namespace strata::transport {
namespace {

using network::FilterMode;
using network::SourceFilter;

// Adds the source to the filter's list, or takes it away.
Result<SourceFilter> with_source(SourceFilter filter, FilterMode mode, const IpAddress& source, bool adds) {
    if (filter.mode() != mode) return fail(Error::invalid_argument);
    if (filter.lists(source) == adds) return fail(Error::address_not_available);
    if (adds) {
        filter.add(source);
    } else {
        filter.remove(source);
    }
    return filter;
}

// What the filter becomes; `now` admits nobody where nothing is joined.
Result<SourceFilter> changed(GroupRequest what, const SourceFilter& now, const IpAddress& source) {
    const bool member = !now.admits_nobody();
    switch (what) {
        case GroupRequest::join:
            if (!member) return SourceFilter::any_source();
            return fail(now.includes() ? Error::invalid_argument : Error::address_in_use);
        case GroupRequest::leave:
            return member ? Result<SourceFilter>{SourceFilter{}} : fail(Error::address_not_available);
        case GroupRequest::join_source: return with_source(now, FilterMode::include, source, true);
        case GroupRequest::leave_source: return with_source(now, FilterMode::include, source, false);
        case GroupRequest::block: return with_source(now, FilterMode::exclude, source, true);
        case GroupRequest::unblock: return with_source(now, FilterMode::exclude, source, false);
    }
    return fail(Error::invalid_argument);
}

bool can_be_source(GroupRequest what, const IpAddress& group, const IpAddress& source) noexcept {
    if (what == GroupRequest::join || what == GroupRequest::leave) return true;
    return source.version() == group.version() && !source.is_any() && !source.is_multicast() && !source.is_broadcast();
}

}  // namespace

Memberships::~Memberships() {
    for (const Membership& membership : memberships_) {
        (void)network_.listen(listener_, membership.interface, membership.group, {});
    }
}

std::error_code Memberships::request(GroupRequest what, const IpAddress& group, const IpAddress& source,
                                     const IpAddress& own) {
    if (!group.is_multicast() || !can_be_source(what, group, source)) return Error::invalid_argument;
    const auto interface = network_.interface_for(group, own);
    if (!interface) return interface.error();
    const auto found = std::ranges::find_if(memberships_, [&](const Membership& membership) {
        return membership.interface == *interface && membership.group == group;
    });
    const auto filter = changed(what, found == memberships_.end() ? SourceFilter{} : found->filter, source);
    if (!filter) return filter.error();
    if (found == memberships_.end() && memberships_.size() >= memberships_max_) return Error::limit_reached;
    if (const auto error = network_.listen(listener_, *interface, group, *filter)) return error;
    if (found == memberships_.end()) {
        memberships_.push_back({*interface, group, *filter});
    } else if (filter->admits_nobody()) {
        memberships_.erase(found);
    } else {
        found->filter = *filter;
    }
    return {};
}

bool Memberships::admits(std::uint32_t interface, const IpAddress& group, const IpAddress& source) const noexcept {
    return std::ranges::any_of(memberships_, [&](const Membership& membership) {
        return membership.interface == interface && membership.group == group && membership.filter.admits(source);
    });
}

}  // namespace strata::transport
