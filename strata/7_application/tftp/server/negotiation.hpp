// Negotiation: what a server makes of the options that it is asked
// for (RFC 2347 to 2349, RFC 7440).
//
// Nothing is ever larger than what was asked for, and what cannot be agreed to is left out of the
// OACK, as if it had not been asked for: multicast (RFC 2090) among them, and tsize in netascii,
// where nobody knows it before the end.
#pragma once

#include "strata/0_foundation/address.hpp"
#include "strata/7_application/tftp/transfer/transfer.hpp"

namespace strata::application::tftp {

// What a server agrees to at most.
struct NegotiationLimits {
    std::uint32_t blksize_max = blksize_most;  // if the way to the client takes as much
    std::uint32_t windowsize_max = 64;         // blocks
    std::size_t window_bytes_max = window_bytes_usual;
};

// The largest block that goes whole: `mtu` is that of the way, with its IP header; 0: not known.
[[nodiscard]] std::size_t blksize_for(std::size_t mtu, IpVersion version) noexcept;

struct Negotiated {
    Agreement agreement;
    OptionValues answer;  // the OACK's; empty: none is sent
};

struct Negotiation {
    const OptionValues& asked;
    bool write = false;
    Mode mode = Mode::octet;
    std::uint64_t size = 0;                   // of the file that is read
    std::size_t path_blksize = blksize_most;  // see blksize_for()
};
[[nodiscard]] Negotiated negotiate(const Negotiation& about, const NegotiationLimits& limits);

}  // namespace strata::application::tftp
