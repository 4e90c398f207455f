// SEND, RECEIVE, CLOSE and ABORT (RFC 9293 3.10.2-3.10.5).
#include "strata/4_transport/tcp/connection/connection.hpp"
#include "strata/4_transport/tcp/receive/advertised_window.hpp"

namespace strata::transport::tcp {

// Twice the congestion window keeps the network busy while the user is asked for more; a peer that
// takes nothing gets no more than the beginning.
std::size_t Connection::send_limit() const noexcept {
    const std::size_t useful =
        std::max<std::size_t>(ControlBlock::buffer_initial, 2 * std::size_t{block_.congestion->cwnd()});
    const std::size_t limit = owner_.memory().pressed() ? ControlBlock::buffer_floor : useful;
    return std::min(block_.options->send_buffer_max, limit);
}

std::size_t Connection::write_room() const noexcept {
    const std::size_t used = block_.send_buffer.size();
    const std::size_t limit = send_limit();
    return used < limit ? limit - used : 0;
}

bool Connection::writable() const noexcept {
    if (over() || block_.fin.requested()) return true;  // an error is an answer
    return synchronized(block_.state) && write_room() > 0;
}

bool Connection::readable() const noexcept {
    return block_.receive_buffer.size() > 0 || block_.peer_fin.received() || over();
}

std::size_t Connection::unacknowledged() const noexcept {
    if (over()) return lost_;
    return block_.send_buffer.size() + (block_.fin.requested() && !block_.fin_acknowledged() ? 1 : 0);
}

Result<std::size_t> Connection::room_to_write() const {
    if (over()) return std::unexpected(error_ ? error_ : make_error_code(Error::shut_down));
    if (block_.fin.requested()) return fail(Error::shut_down);
    return synchronized(block_.state) ? write_room() : 0;
}

// All of it is in the buffer before anything leaves: a segment knows
// no bounds between what the user's buffers hold.
Result<std::size_t> Connection::write(std::span<const Bytes> buffers, bool more) {
    const Checked checked{*this};
    auto room = room_to_write();
    if (!room) return room;
    std::size_t wanted = 0;
    std::size_t count = 0;
    for (const Bytes& bytes : buffers) {
        const Bytes part = bytes.first(std::min(bytes.size(), *room));
        block_.send_buffer.write(context_.pool, part);
        wanted += bytes.size();
        count += part.size();
        *room -= part.size();
    }
    return written(count, wanted, more);
}

Result<std::size_t> Connection::write_from(std::size_t count, const Source& source, bool more) {
    const Checked checked{*this};
    const auto room = room_to_write();
    if (!room) return room;
    const std::size_t fits = std::min(*room, count);
    const std::size_t came = fits == 0 ? 0 : block_.send_buffer.fill(context_.pool, fits, source);
    // A source that has less than fits is no reason to wait for room.
    if (came < fits) return came == 0 ? came : written(came, came, more);
    return written(came, count, more);
}

Result<std::size_t> Connection::written(std::size_t count, std::size_t wanted, bool more) {
    if (count < wanted) notifications_.write_was_short();
    block_.user.promise(!more ? More::none : count < wanted ? More::with_room : More::at_once);
    if (count == 0 && wanted != 0) return fail(Error::would_block);
    account();
    transmit(context_.scheduler.now());
    return count;
}

Result<std::size_t> Connection::read(MutableBytes to) {
    const Checked checked{*this};
    if (to.empty()) return 0;
    if (const std::size_t count = block_.receive_buffer.read(to); count > 0) {
        if (over() || block_.peer_fin.received()) return account(), count;
        block_.allowance.read(count);
        account();
        const auto edge = next_window_edge(block_.rcv, block_.receive_room(), block_.receive_limit(),
                                           block_.negotiated().mss, 0xffffu << block_.negotiated().rcv_scale);
        if (worth_an_update(block_.rcv, edge, block_.negotiated().mss)) {
            block_.acks.at_once();
            transmit(context_.scheduler.now());
        }
        return count;
    }
    if (block_.peer_fin.received()) return 0;
    if (over()) return error_ ? Result<std::size_t>{std::unexpected(error_)} : Result<std::size_t>{0};
    return fail(Error::would_block);
}

void Connection::close() {
    const Checked checked{*this};
    if (over() || block_.fin.requested()) return;
    if (block_.state == State::syn_sent) return end(make_error_code(Error::connection_aborted), false);
    block_.fin.request();
    transmit(context_.scheduler.now());
}

void Connection::abort() {
    const Checked checked{*this};
    if (over()) return;
    // A reset belongs to a connection the peer knows of (3.10.5; docs/decisions, 0055).
    if (block_.state != State::syn_sent) emit_reset(block_.snd.acceptable(), true);
    block_.receive_buffer.clear();
    end(make_error_code(Error::connection_aborted), false);
}

void Connection::set_no_delay(bool on) {
    block_.user.set_no_delay(on);
    if (on) transmit(context_.scheduler.now());
}

void Connection::set_keepalive(bool on) {
    block_.keepalive.set(on);
    if (!on) block_.deadlines.stop(Deadline::keepalive);
    restart_keepalive(context_.scheduler.now());
    rearm();
}

void Connection::release() {
    const Checked checked{*this};
    notifications_.set_user(nullptr);
    block_.user.leave();
    if (over()) {
        // What had arrived before the end is read by nobody now, and the budget gets it back.
        block_.receive_buffer.clear();
        return account();
    }
    if (block_.receive_buffer.size() > 0) {
        block_.receive_buffer.clear();
        return abort();
    }
    close();
    if (over()) return;
    const Instant now = context_.scheduler.now();
    if (block_.state == State::fin_wait_2) {
        block_.deadlines.start(Deadline::fin_wait_2, saturating_add(now, block_.options->fin_wait_2));
    } else {
        block_.deadlines.start(Deadline::orphan, saturating_add(now, block_.options->orphan_timeout));
    }
    rearm();
    owner_.orphaned();
}

}  // namespace strata::transport::tcp
