#include "strata/7_application/tftp/server/negotiation.hpp"

#include <algorithm>

namespace strata::application::tftp {

std::size_t blksize_for(std::size_t mtu, IpVersion version) noexcept {
    constexpr std::size_t udp_header_size = 8;
    // What RFC 2348 4 found best on Ethernet leaves room for the tunnels that nobody knows of.
    constexpr std::size_t unknown = 1428;
    const std::size_t headers = (version == IpVersion::v4 ? 20 : 40) + udp_header_size + data_header_size;
    if (mtu == 0) return unknown;
    return std::clamp<std::size_t>(mtu - std::min(mtu, headers), blksize_default, blksize_most);
}

Negotiated negotiate(const Negotiation& about, const NegotiationLimits& limits) {
    const OptionValues& asked = about.asked;
    Negotiated made;
    if (asked.blksize) {
        const auto path = static_cast<std::uint32_t>(about.path_blksize);
        made.answer.blksize = std::max(std::min({*asked.blksize, limits.blksize_max, path}), blksize_least);
        made.agreement.blksize = *made.answer.blksize;
    }
    if (asked.windowsize) {
        const auto fits = static_cast<std::uint32_t>(
            std::min<std::size_t>(limits.window_bytes_max / made.agreement.blksize, windowsize_most));
        made.answer.windowsize = std::max(std::min({*asked.windowsize, limits.windowsize_max, fits}), 1u);
        made.agreement.windowsize = *made.answer.windowsize;
        made.answer.sliding = made.agreement.sliding = asked.sliding && made.agreement.windowsize > 1;
    }
    if (asked.timeout) {
        made.answer.timeout = asked.timeout;
        made.agreement.timeout = std::chrono::seconds{*asked.timeout};
    }
    if (asked.tsize && about.mode == Mode::octet) made.answer.tsize = about.write ? *asked.tsize : about.size;
    return made;
}

}  // namespace strata::application::tftp
