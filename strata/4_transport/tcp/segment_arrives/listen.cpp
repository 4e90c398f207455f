// 3.10.7.2, LISTEN: first check for a RST, second for an ACK, third
// for a SYN; anything else is dropped.
#include "strata/4_transport/tcp/segment_arrives/steps.hpp"

namespace strata::transport::tcp::segment_arrives {

ListenVerdict listen(const Segment& segment) {
    if (segment.has(ControlBits::rst)) return ListenVerdict::ignore;
    if (segment.has(ControlBits::ack)) return ListenVerdict::reset;
    // A FIN beside the SYN is what no peer sends and some scanners do.
    if (!segment.has(ControlBits::syn) || segment.has(ControlBits::fin)) return ListenVerdict::ignore;
    return ListenVerdict::open;
}

}  // namespace strata::transport::tcp::segment_arrives
