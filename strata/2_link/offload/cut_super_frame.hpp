// Segmentation in software: cuts a TCP super-frame into frames of the MTU where the port cannot.
//
// Each frame gets a copy of the headers, with length, identification, sequence number, flags and
// checksums made its own (RFC 9293 3.1, RFC 791 3.1); its payload stays where it is. The sums of
// what does not change are taken once a super-frame, so that a frame costs little more than summing
// its payload. Called by Nic.
#pragma once

#include <vector>

#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/packet.hpp"

namespace strata::link {

// Appends the frames of `super`, a whole Ethernet frame with Segmentation::tcp_ipv4 whose headers
// lie in its front, to `frames`. With `complete_checksums` false the TCP checksums stay partial,
// for a port that completes them. Error::malformed if its headers do not fit its facts,
// Error::not_supported for another kind; then nothing is appended.
[[nodiscard]] std::error_code cut_super_frame(const Packet& super, bool complete_checksums,
                                              std::vector<Packet>& frames);

}  // namespace strata::link
