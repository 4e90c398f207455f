// The control block: the rooms of one connection side by side (RFC 9293 3.3.1).
//
// Each member belongs to the room that names it, and only that room's functions write it; the steps of "segment arrives"
// read across them.
#pragma once

#include <memory>
#include <optional>

#include "strata/3_network/service.hpp"
#include "strata/4_transport/tcp/congestion/congestion_control.hpp"
#include "strata/4_transport/tcp/connection/state.hpp"
#include "strata/4_transport/tcp/demultiplexer/connection_id.hpp"
#include "strata/4_transport/tcp/receive/buffer.hpp"
#include "strata/4_transport/tcp/receive/delayed_ack.hpp"
#include "strata/4_transport/tcp/receive/reassembly.hpp"
#include "strata/4_transport/tcp/receive/sequence_space.hpp"
#include "strata/4_transport/tcp/recovery/fast_recovery.hpp"
#include "strata/4_transport/tcp/recovery/rtt.hpp"
#include "strata/4_transport/tcp/segment/segment.hpp"
#include "strata/4_transport/tcp/send/buffer.hpp"
#include "strata/4_transport/tcp/send/nagle.hpp"
#include "strata/4_transport/tcp/send/sequence_space.hpp"
#include "strata/4_transport/tcp/timers/deadlines.hpp"

namespace strata::transport::tcp {

// What the two SYNs agreed on.
struct Negotiated {
    std::uint32_t mss = 536;       // payload a segment may have beside the options every segment carries
    std::uint16_t peer_mss = 536;  // as the peer's option said (RFC 9293 MUST-15: 536 without one)
    std::uint8_t snd_scale = 0;    // Snd.Wind.Shift
    std::uint8_t rcv_scale = 0;    // Rcv.Wind.Shift
    bool window_scaling = false;
    bool timestamps = false;
    bool sack = false;
};

// RFC 7323 4 and 5.
struct TimestampClock {
    std::uint32_t offset = 0;  // our clock starts somewhere nobody can guess (RFC 7323 7.1)
    std::uint32_t recent = 0;  // TS.Recent
    Instant recent_at{};
    SequenceNumber last_ack_sent;  // Last.ACK.sent

    [[nodiscard]] std::uint32_t value(Instant now) const noexcept {
        return offset + static_cast<std::uint32_t>(now.time_since_epoch() / 1ms);
    }
};

// One segment being timed (RFC 6298 3, Karn): finer than the timestamps' milliseconds.
struct RttProbe {
    SequenceNumber end;
    Instant sent_at{};
    bool running = false;
};

struct ControlBlock {
    ControlBlock(const ConnectionId& connection_id, std::shared_ptr<const ConnectionOptions> connection_options);

    ConnectionId id;
    std::shared_ptr<const ConnectionOptions> options;
    State state = State::closed;
    bool passive = false;  // opened by a listener
    bool no_delay = false;
    bool keepalive = false;
    bool user_left = false;      // nobody will read any more
    bool fin_requested = false;  // CLOSE was called: a FIN follows the last byte
    More more = More::none;      // what the user promised to write next
    bool fin_received = false;   // and is in order: the peer's stream has ended
    bool syn_due = false;        // a SYN or SYN-ACK must go out, first or again
    bool probe_due = false;      // the persist timer fired
    bool keepalive_due = false;
    std::uint8_t persist_backoff = 0;
    std::uint8_t keepalive_sent = 0;

    network::Path path;
    Negotiated negotiated;
    TimestampClock clock;

    SendSequenceSpace snd;
    SendBuffer send_buffer;
    std::optional<SequenceNumber> fin_place;  // our FIN's own sequence number, once it was sent
    Instant last_sent{};

    ReceiveSequenceSpace rcv;
    ReceiveBuffer receive_buffer;
    Reassembly reassembly;
    std::optional<SequenceNumber> fin_at;  // a FIN that arrived before its turn
    DelayedAck acks;
    Instant last_received{};

    RttEstimator rtt;
    RttProbe rtt_probe;
    FastRecovery recovery;
    std::unique_ptr<CongestionControl> congestion;
    Deadlines deadlines;

    // --- derived
    // The sequence number of the send buffer's first byte.
    [[nodiscard]] SequenceNumber data_begin() const noexcept { return snd.una == snd.iss ? snd.iss + 1 : snd.una; }
    // Behind the last byte written: where the FIN will stand.
    [[nodiscard]] SequenceNumber data_end() const noexcept {
        return data_begin() + static_cast<std::uint32_t>(send_buffer.size());
    }
    [[nodiscard]] bool fin_acknowledged() const noexcept { return fin_place && after(snd.una, *fin_place); }
    [[nodiscard]] bool fin_to_send() const noexcept { return fin_requested && !fin_place; }
    [[nodiscard]] std::size_t receive_room() const noexcept {
        const std::size_t used = receive_buffer.size();
        return used < options->receive_buffer_max ? options->receive_buffer_max - used : 0;
    }
    // The peer's window field in bytes; a SYN's is never scaled (RFC 7323 2.2).
    [[nodiscard]] std::uint32_t scaled_window(const Segment& segment) const noexcept {
        return segment.has(ControlBits::syn) ? segment.wnd : std::uint32_t{segment.wnd} << negotiated.snd_scale;
    }
    // Bytes of options that every segment after the SYN carries.
    [[nodiscard]] std::size_t usual_options_size() const noexcept { return negotiated.timestamps ? 12 : 0; }
    // What we announce in our SYN (RFC 6691: without regard to options).
    [[nodiscard]] std::uint16_t announced_mss() const noexcept;

    // --- done once
    // Takes the peer's SYN in: RCV.NXT, IRS, the options both sides have.
    void negotiate(const Segment& syn, Instant now);
    // Works out the payload of a full segment from the path and the peer's MSS.
    void update_mss() noexcept;
};

}  // namespace strata::transport::tcp
