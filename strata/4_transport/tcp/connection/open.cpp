// OPEN (RFC 9293 3.10.1), active and passive.
#include "strata/4_transport/tcp/connection/connection.hpp"
#include "strata/4_transport/tcp/half_open/syn_queue.hpp"

namespace strata::transport::tcp {

void Connection::open_actively(const network::Path& path, SequenceNumber iss, std::uint32_t clock_offset, Instant now) {
    block_.start(path);
    block_.clock = TimestampClock{clock_offset};
    block_.snd.start(iss);
    enter(State::syn_sent);
    block_.syn.ask();
    block_.deadlines.set(Deadline::user, saturating_add(now, block_.options->connect_timeout));
    ++counters_.tcpActiveOpens;
    transmit(now);
}

void Connection::open_passively(const network::Path& path, const HalfOpen& half_open, std::uint32_t clock_offset,
                                Instant now) {
    const Segment syn = half_open.as_syn(context_.pool);
    block_.start(path);
    block_.clock = TimestampClock{clock_offset};
    block_.snd.start(half_open.iss);
    enter(State::syn_received);
    block_.negotiate(syn, now);
    block_.snd.set_window(syn.wnd, syn.seq, half_open.iss);
    // The SYN-ACK has left already.
    block_.snd.sent_to(half_open.iss + 1);
    block_.rtt_probe.start(block_.snd.nxt(), half_open.sent_at);
    for (unsigned i = 0; i < half_open.repeats; ++i) block_.rtt.back_off();
    block_.snd.sent_at(now);
}

}  // namespace strata::transport::tcp
