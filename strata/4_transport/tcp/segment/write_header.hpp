// Puts the TCP header before a leaving segment: the one place for
// segments of a connection and for answers without one.
#pragma once

#include "strata/3_network/service.hpp"
#include "strata/4_transport/segment_checksum.hpp"
#include "strata/4_transport/tcp/segment/segment.hpp"

namespace strata::transport::tcp {

// `packet` is the segment's payload and has HeaderView::size_max bytes of headroom beside the
// path's. The checksum is left to the floors below where the path takes that.
inline void write_header(Packet& packet, const HeaderFields& fields, const SegmentOptions& options,
                         const network::Path& path) {
    const std::size_t size = HeaderView::size_min + options.size();
    std::byte* header = packet.push(size);
    fields.write(header, size);
    options.write(header + HeaderView::size_min);
    set_checksum(packet, HeaderView::checksum_field, path, network::Protocol::tcp);
}

}  // namespace strata::transport::tcp
