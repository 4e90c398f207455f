// 3.10.7.1, CLOSED: everything but a reset is answered by a reset.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {

std::optional<HeaderFields> closed(const Segment& segment, const ConnectionId& id) {
    if (segment.has(ControlBits::rst)) return std::nullopt;
    HeaderFields reset;
    reset.source_port = id.local.port;
    reset.destination_port = id.remote.port;
    if (segment.has(ControlBits::ack)) {
        reset.seq = segment.ack;  // <SEQ=SEG.ACK><CTL=RST>
        reset.control = ControlBits::rst;
    } else {
        reset.ack = segment.seq + segment.len();  // <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
        reset.control = ControlBits::rst | ControlBits::ack;
    }
    return reset;
}

}  // namespace strata::transport::tcp::segment_arrives
