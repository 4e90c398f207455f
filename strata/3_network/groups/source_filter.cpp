#include "strata/3_network/groups/source_filter.hpp"

#include <iterator>

namespace strata::network {

SourceFilter::SourceFilter(FilterMode mode, Sources sources) : mode_(mode), sources_(std::move(sources)) {
    std::ranges::sort(sources_);
    const auto repeated = std::ranges::unique(sources_);
    sources_.erase(repeated.begin(), repeated.end());
}

void SourceFilter::add(const IpAddress& source) {
    const auto at = std::ranges::lower_bound(sources_, source);
    if (at == sources_.end() || *at != source) sources_.insert(at, source);
}

void SourceFilter::remove(const IpAddress& source) { std::erase(sources_, source); }

SourceFilter merged(const SourceFilter& a, const SourceFilter& b) {
    const auto a_sources = a.sources();
    const auto b_sources = b.sources();
    Sources both;
    const auto into = std::back_inserter(both);
    if (a.includes() && b.includes()) {
        std::ranges::set_union(a_sources, b_sources, into);
        return {FilterMode::include, std::move(both)};
    }
    if (!a.includes() && !b.includes()) {
        std::ranges::set_intersection(a_sources, b_sources, into);
    } else {
        std::ranges::set_difference(a.includes() ? b_sources : a_sources, a.includes() ? a_sources : b_sources, into);
    }
    return {FilterMode::exclude, std::move(both)};
}

}  // namespace strata::network
