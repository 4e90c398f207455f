// OPEN (RFC 9293 3.10.1), active and passive.
#include "strata/4_transport/tcp/connection/connection.hpp"

namespace strata::transport::tcp {

void Connection::open_actively(const network::Path& path, SequenceNumber iss, std::uint32_t clock_offset, Instant now) {
    block_.path = path;
    block_.clock.offset = clock_offset;
    block_.snd.start(iss);
    block_.state = State::syn_sent;
    block_.syn_due = true;
    block_.deadlines.set(Deadline::user, now + block_.options->connect_timeout);
    ++counters_.tcpActiveOpens;
    transmit(now);
}

void Connection::open_passively(const network::Path& path, SequenceNumber iss, std::uint32_t clock_offset,
                                const Segment& syn, Instant now) {
    block_.path = path;
    block_.clock.offset = clock_offset;
    block_.passive = true;
    block_.snd.start(iss);
    block_.state = State::syn_received;
    block_.negotiate(syn, now);
    block_.snd.set_window(syn.wnd, syn.seq, iss);
    block_.syn_due = true;
    block_.last_received = now;
    block_.deadlines.set(Deadline::user, now + block_.options->connect_timeout);
    ++counters_.tcpPassiveOpens;
    transmit(now);
}

}  // namespace strata::transport::tcp
