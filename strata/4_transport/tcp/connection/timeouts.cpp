// What each deadline does when it is reached (RFC 9293 3.8).
#include "strata/4_transport/tcp/connection/connection.hpp"

namespace strata::transport::tcp {

void Connection::deadline_reached(Instant now) {
    if (over()) return;
    const Checked checked{*this};
    Deadlines& deadlines = block_.deadlines;
    if (deadlines.reached(Deadline::user, now)) {
        // 3.8.3: the user timeout. The peer hears of it, if it is there.
        const auto error = soft_error_ ? soft_error_ : make_error_code(Error::timed_out);
        if (block_.state != State::syn_sent) emit_reset(block_.snd.acceptable(), true);
        return end(error, false);
    }
    if (deadlines.reached(Deadline::orphan, now)) {
        // The user has left, and the peer keeps its window shut or does not answer: nobody is
        // served by waiting longer.
        ++counters_.orphansExpired;
        emit_reset(block_.snd.acceptable(), true);
        return end(make_error_code(Error::timed_out), false);
    }
    if (deadlines.reached(Deadline::fin_wait_2, now)) return end({}, false);
    if (deadlines.reached(Deadline::retransmission, now)) retransmission_timeout(now);
    if (deadlines.reached(Deadline::persist, now)) persist_timeout(now);
    if (deadlines.reached(Deadline::delayed_ack, now)) {
        deadlines.stop(Deadline::delayed_ack);
        if (block_.acks.pending()) {
            ++counters_.delayedAcks;
            block_.acks.at_once();
        }
    }
    if (deadlines.reached(Deadline::keepalive, now)) keepalive_timeout(now);
    transmit(now);
}

// RFC 6298 5.4-5.6.
void Connection::retransmission_timeout(Instant now) {
    block_.deadlines.stop(Deadline::retransmission);
    ++counters_.retransmissionTimeouts;
    block_.rtt.back_off();
    block_.rtt_probe.stop();
    if (block_.state == State::syn_sent || block_.state == State::syn_received) {
        block_.syn.ask();
        ++counters_.tcpRetransSegs;
        return;
    }
    block_.recovery.timed_out(block_.snd, *block_.congestion, now);
    block_.deadlines.set(Deadline::retransmission, saturating_add(now, block_.rtt.rto()));
}

// RFC 9293 3.8.6.1: the interval doubles; it never gives up while the peer answers.
void Connection::persist_timeout(Instant now) {
    block_.deadlines.stop(Deadline::persist);
    block_.persist.fired();
    block_.user.promise(More::none);  // what the user promised to write has not come: nobody waits for it once more
    ++counters_.windowProbes;
    block_.deadlines.start(Deadline::user, saturating_add(now, block_.options->user_timeout));
}

void Connection::restart_keepalive(Instant now) {
    if (!block_.keepalive.on() || !synchronized(block_.state)) return;
    block_.deadlines.set(Deadline::keepalive, saturating_add(now, block_.options->keepalive_idle));
}

// RFC 9293 3.8.4: only after idleness, and one lost probe proves nothing.
void Connection::keepalive_timeout(Instant now) {
    block_.deadlines.stop(Deadline::keepalive);
    if (block_.keepalive.exhausted(block_.options->keepalive_probes)) {
        emit_reset(block_.snd.acceptable(), true);
        return end(make_error_code(Error::timed_out), false);
    }
    block_.keepalive.probed();
    ++counters_.keepaliveProbes;
    if (block_.snd.in_flight() == 0) emit_keepalive(now);
    block_.deadlines.set(Deadline::keepalive, saturating_add(now, block_.options->keepalive_interval));
}

}  // namespace strata::transport::tcp
