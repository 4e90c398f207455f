// SourceFilter: whose packets to a group are wanted (RFC 9776 2): those of the sources listed, or
// those of all others. What a socket asks for, and what all sockets of an interface make together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "strata/0_foundation/address.hpp"

namespace strata::network {

enum class FilterMode : std::uint8_t { include, exclude };

// In order, each once.
using Sources = std::vector<IpAddress>;

class SourceFilter {
public:
    // Nobody's: INCLUDE of no source, which is what a group has that was not joined.
    SourceFilter() = default;
    SourceFilter(FilterMode mode, Sources sources);
    // Everybody's: EXCLUDE of no source, the any-source join of RFC 3678 4.1.
    [[nodiscard]] static SourceFilter any_source() { return {FilterMode::exclude, {}}; }
    [[nodiscard]] static SourceFilter only(const IpAddress& source) { return {FilterMode::include, {source}}; }

    [[nodiscard]] FilterMode mode() const noexcept { return mode_; }
    [[nodiscard]] bool includes() const noexcept { return mode_ == FilterMode::include; }
    [[nodiscard]] std::span<const IpAddress> sources() const noexcept { return sources_; }
    [[nodiscard]] bool lists(const IpAddress& source) const noexcept {
        return std::ranges::binary_search(sources_, source);
    }
    [[nodiscard]] bool admits(const IpAddress& source) const noexcept { return lists(source) == includes(); }
    [[nodiscard]] bool admits_nobody() const noexcept { return includes() && sources_.empty(); }

    void add(const IpAddress& source);
    void remove(const IpAddress& source);

    [[nodiscard]] bool operator==(const SourceFilter&) const = default;

private:
    FilterMode mode_ = FilterMode::include;
    Sources sources_;
};

// What two of them want together (RFC 9776 3.2): if either excludes, all but those that no one
// wants, else what any of them lists.
[[nodiscard]] SourceFilter merged(const SourceFilter& a, const SourceFilter& b);

}  // namespace strata::network
