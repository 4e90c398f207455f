// The options of an IPv4 header (RFC 791 3.1): which there are, and what an echo's reply gives back
// of them (RFC 1122 3.2.2.6).
//
//   | type 1 | length 1 | pointer 1 | data ... |     types 0 (end) and 1 (no operation) are a single byte
//
// Called by Ipv4 for packets that have any, and by Icmp.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "strata/0_foundation/address.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/time.hpp"

namespace strata::network {

inline constexpr std::size_t header_options_max = 40;

// Where in the header's options each one is; all within bounds.
struct HeaderOptions {
    bool source_route = false;  // loose or strict
    bool router_alert = false;  // RFC 2113
    std::optional<Bytes> record_route;
    std::optional<Bytes> timestamp;

    // Others are skipped (RFC 1122 3.2.1.8). Error::malformed for a length that leaves the header,
    // for a record that has no room for what its pointer says, and for one that comes twice.
    // Then `*fault`, if it is not null, is where that option begins.
    [[nodiscard]] static Result<HeaderOptions> parse(Bytes options, std::size_t* fault = nullptr) noexcept;

private:
    [[nodiscard]] std::size_t take_one(Bytes rest) noexcept;
};

// Options for a header of ours.
struct OptionBytes {
    std::array<std::byte, header_options_max> storage{};
    std::size_t size = 0;
    [[nodiscard]] Bytes bytes() const noexcept { return Bytes{storage}.first(size); }
};

// Milliseconds, with the bit that says that they count from an instant of our own and not from
// midnight (RFC 791 3.1, RFC 792).
[[nodiscard]] std::uint32_t timestamp_of(Instant now) noexcept;

// A record route with room for as many addresses as a header has, which is nine (RFC 791 3.1). The
// host that sends it is the first on the way.
[[nodiscard]] OptionBytes empty_record_route() noexcept;
[[nodiscard]] OptionBytes record_route_from(Ipv4Address own) noexcept;

// The addresses in a record route that HeaderOptions::parse has found, those of the hosts that it
// came by.
[[nodiscard]] std::vector<IpAddress> recorded_addresses(Bytes record_route);

// Those that every fragment carries: their type says so (RFC 791 3.1:
// copied). The others are in the first one alone.
[[nodiscard]] OptionBytes copied_options(Bytes options) noexcept;

// The request's record route and timestamp with `own` recorded in them where there is room, as
// every host on the way does. `now` is recorded with the bit that says it counts from an instant of
// our own (RFC 791 3.1: timestamp).
[[nodiscard]] OptionBytes echoed_options(const HeaderOptions& request, Ipv4Address own, Instant now) noexcept;

}  // namespace strata::network
