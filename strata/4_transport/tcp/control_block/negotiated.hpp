// What the two SYNs agree on (RFC 9293 3.7.1, RFC 7323 2.2 and 3.2,
// RFC 2018 2), and the options our own SYN carries.
#pragma once

#include <cstdint>

#include "strata/3_network/service.hpp"
#include "strata/4_transport/tcp/options.hpp"
#include "strata/4_transport/tcp/segment/segment.hpp"

namespace strata::transport::tcp {

struct Negotiated {
    std::uint32_t mss = mss_default;       // payload a segment may have beside the options every segment carries
    std::uint16_t peer_mss = mss_default;  // as the peer's option said
    std::uint8_t snd_scale = 0;            // Snd.Wind.Shift
    std::uint8_t rcv_scale = 0;            // Rcv.Wind.Shift
    bool window_scaling = false;
    bool timestamps = false;
    bool sack = false;
};

// The shift with which a window of `buffer_max` bytes fits into 16 bits (RFC 7323 2.3: at most 14).
[[nodiscard]] std::uint8_t window_scale_for(std::size_t buffer_max) noexcept;

// Both sides' SYNs: what we are willing to do, and what the peer's
// options offer. `mss` is left to the caller, which knows the path.
[[nodiscard]] Negotiated agree(const ConnectionOptions& ours, const SegmentOptions& theirs) noexcept;

// What we announce in our SYN (RFC 6691: without regard to options).
[[nodiscard]] std::uint16_t announced_mss(const network::Path& path, const ConnectionOptions& options) noexcept;

// The window field of a SYN, which is never scaled (RFC 7323 2.2).
[[nodiscard]] std::uint16_t syn_window(const ConnectionOptions& options) noexcept;

// The options of a SYN; of a SYN-ACK, which offers only what the SYN did, if `agreed` is not null.
// `stamps` is written where timestamps are in use.
[[nodiscard]] SegmentOptions syn_options(const ConnectionOptions& options, const network::Path& path,
                                         const Negotiated* agreed, Timestamps stamps) noexcept;

}  // namespace strata::transport::tcp
