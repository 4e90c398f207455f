// A connection (RFC 9293): four verbs below, the user's calls above.
//
//   segment_arrives(segment, now)   transmit(now)   next_deadline()   deadline_reached(now)
//
// It is a machine without I/O: segments are handed in and out. Tcp owns it, hands it segments with
// the time, and carries what it sends to the network floor; the user's calls read the clock of its
// context.
#pragma once

#include <memory>

#include "strata/0_foundation/context.hpp"
#include "strata/4_transport/tcp/connection/memory_budget.hpp"
#include "strata/4_transport/tcp/connection/notifications.hpp"
#include "strata/4_transport/tcp/connection/port_wait.hpp"
#include "strata/4_transport/tcp/connection/segmentation.hpp"
#include "strata/4_transport/tcp/control_block/control_block.hpp"
#include "strata/4_transport/tcp/control_block/disposition.hpp"

namespace strata::transport::tcp {

struct HalfOpen;

// What a connection needs from Tcp: one owner a connection (Tcp::Entry).
class ConnectionOwner {
public:
    virtual ~ConnectionOwner() = default;
    // The connection wants attention when the burst is over: to
    // acknowledge, to send, to tell its user.
    virtual void touched() = 0;
    // It has something to send, and the port has no room.
    virtual void port_full() = 0;
    // The handshake is over.
    virtual void opened() = 0;
    // Its address pair is free again, or rests in TIME-WAIT. Segments no longer come here.
    virtual void ended(bool time_wait) = 0;
    // False: others wait for the same port, and it is not this connection's turn.
    [[nodiscard]] virtual bool may_send() = 0;
    // RFC 5961 10: false if there were too many of them this second, on the whole host.
    [[nodiscard]] virtual bool may_challenge() = 0;
    [[nodiscard]] virtual MemoryBudget& memory() noexcept = 0;
    // Whether invariants are checked after each verb.
    [[nodiscard]] virtual bool checks() const noexcept = 0;
    // The user has let go of a connection that is not over.
    virtual void orphaned() = 0;
    virtual void arm(Instant deadline) = 0;
};

class Connection {
public:
    Connection(const Context& context, network::Service& network, ConnectionOwner& owner, Counters& counters,
               const ConnectionId& id, std::shared_ptr<const ConnectionOptions> options);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() = default;

    // --- the user's calls (RFC 9293 3.10)
    void set_user(ConnectionUser* user) noexcept { notifications_.set_user(user); }
    [[nodiscard]] Endpoint local() const noexcept { return block_.id.local; }
    [[nodiscard]] Endpoint remote() const noexcept { return block_.id.remote; }
    [[nodiscard]] State state() const noexcept { return block_.state; }
    // SEND: copies up to the buffer's room, at least one byte. Errors: would_block (no room, or not
    // connected yet), shut_down (after close), or why the connection ended.
    [[nodiscard]] Result<std::size_t> write(Bytes bytes) { return write({&bytes, 1}); }
    // The same for several buffers, which are one payload. `more`: the user promises to come again,
    // at once or when there is room, so that a short departure may wait for what it brings. No
    // buffers and no `more`: nothing follows after all.
    [[nodiscard]] Result<std::size_t> write(std::span<const Bytes> buffers, bool more = false);
    // The same, of up to `count` bytes that the source puts into the send buffer itself: a file's,
    // without a copy. 0: it has none now.
    [[nodiscard]] Result<std::size_t> write_from(std::size_t count, const Source& source, bool more = false);
    // RECEIVE: at least one byte, or 0 at the end of the peer's
    // stream. Errors: would_block, or why the connection ended.
    [[nodiscard]] Result<std::size_t> read(MutableBytes to);
    [[nodiscard]] std::size_t bytes_readable() const noexcept { return block_.receive_buffer.size(); }
    [[nodiscard]] std::size_t write_room() const noexcept;
    // Octets that were written and not acknowledged (from SND.UNA on), sent or not; the end of our
    // stream counts as one. Of a conversation that failed: what had not been acknowledged by then.
    [[nodiscard]] std::size_t unacknowledged() const noexcept;
    // A read or write would not return would_block.
    [[nodiscard]] bool readable() const noexcept;
    [[nodiscard]] bool writable() const noexcept;
    // CLOSE: no more writing; what was written is still sent, then a FIN.
    void close();
    // ABORT: a reset, everything waiting is dropped. The user is told `closed(connection_aborted)`.
    void abort();
    void set_no_delay(bool on);
    void set_keepalive(bool on);
    // Of the packets that it sends from now on: TTL or hop limit, DSCP.
    void set_ttl(std::uint8_t ttl) noexcept { block_.user.set_ttl(ttl); }
    void set_traffic_class(std::uint8_t traffic_class) noexcept { block_.user.set_traffic_class(traffic_class); }
    // STATUS
    [[nodiscard]] const ControlBlock& status() const noexcept { return block_; }
    [[nodiscard]] std::error_code error() const noexcept { return error_; }

    // --- the four verbs, for Tcp
    void segment_arrives(Segment& segment, Instant now);
    // Sends what may leave: payload, a FIN, an acknowledgment that is due.
    void transmit(Instant now);
    [[nodiscard]] Instant next_deadline() const noexcept { return block_.deadlines.next(); }
    void deadline_reached(Instant now);

    // --- for Tcp
    // OPEN, active: sends a SYN.
    void open_actively(const network::Path& path, SequenceNumber iss, std::uint32_t clock_offset, Instant now);
    // OPEN, passive: takes a half-open connection over from the SYN
    // queue, in SYN-RECEIVED; its answer arrives next.
    void open_passively(const network::Path& path, const HalfOpen& half_open, std::uint32_t clock_offset, Instant now);
    // An ICMP error for a segment of ours (RFC 9293 3.9.2.2, RFC 5927).
    void network_error(const network::ErrorReport& report, SequenceNumber seq);
    // The first hop is there again, or another one: what waits for a back-off is sent at once.
    void reachable_again(Instant now);
    // Tells the user what happened since the last time.
    void notify();
    // The user lets go: closes, or resets if payload waits unread (RFC 2525 2.17).
    void release();
    [[nodiscard]] bool released() const noexcept { return block_.user.left(); }
    // CLOSED or TIME-WAIT: nothing more is sent or received.
    [[nodiscard]] bool over() const noexcept {
        return block_.state == State::closed || block_.state == State::time_wait;
    }
    [[nodiscard]] ConnectionOwner& owner() const noexcept { return owner_; }

private:
    // At the end of the verb that makes one.
    class Checked {
    public:
        explicit Checked(const Connection& connection) noexcept : connection_(connection) {}
        Checked(const Checked&) = delete;
        Checked& operator=(const Checked&) = delete;
        ~Checked() {
            if (connection_.owner_.checks()) connection_.check();
        }

    private:
        const Connection& connection_;
    };
    void check() const noexcept;

    // user_calls.cpp: how much may be written now; and that so much of it was.
    [[nodiscard]] Result<std::size_t> room_to_write() const;
    [[nodiscard]] Result<std::size_t> written(std::size_t count, std::size_t wanted, bool more);
    // emit.cpp
    bool emit(const Departure& departure, Instant now);
    bool emit_syn(Instant now);
    void emit_acknowledgment(Instant now);
    void emit_reset(SequenceNumber seq, bool with_ack);
    void emit_keepalive(Instant now);
    [[nodiscard]] std::uint16_t window_field();
    [[nodiscard]] HeaderFields usual_fields();
    [[nodiscard]] SegmentOptions usual_options(Instant now) const;
    bool send(HeaderFields fields, const SegmentOptions& options, Packet packet, bool super);

    // connection.cpp
    void answer_out_of_order(std::uint32_t duplicates, Instant now);
    void carry_out(const Disposition& disposition, Segment& segment, Instant now);
    void count(CounterOf<Counters> reason, const Segment& dropped);
    void enter(State state) { block_.state.enter(state, block_.id, context_); }
    void end(std::error_code error, bool time_wait);
    void acknowledge(Instant now);
    void sent_payload(const Departure& departure, Instant now);
    void arm_after_transmit(Instant now);
    void rearm();
    void account();
    [[nodiscard]] std::size_t send_limit() const noexcept;

    // timeouts.cpp
    void retransmission_timeout(Instant now);
    void persist_timeout(Instant now);
    void keepalive_timeout(Instant now);
    void restart_keepalive(Instant now);

    const Context& context_;
    network::Service& network_;
    ConnectionOwner& owner_;
    Counters& counters_;
    ControlBlock block_;
    Notifications notifications_;
    std::error_code error_;
    std::size_t lost_ = 0;  // unacknowledged when it was over
    PortWait port_wait_;
    std::size_t accounted_ = 0;   // of our memory, as the budget knows it
    std::error_code soft_error_;  // what ICMP said last, if it comes to a timeout
};

}  // namespace strata::transport::tcp
