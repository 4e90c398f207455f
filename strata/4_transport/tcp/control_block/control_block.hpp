// The control block: the parts of one connection side by side (RFC 9293 3.3.1).
//
// Each part keeps its data private and has verbs; the steps of "segment arrives" read across them.
#pragma once

#include <memory>
#include <optional>

#include "strata/0_foundation/rate_limit.hpp"
#include "strata/3_network/service.hpp"
#include "strata/4_transport/tcp/congestion/congestion_control.hpp"
#include "strata/4_transport/tcp/connection_id.hpp"
#include "strata/4_transport/tcp/control_block/keepalive.hpp"
#include "strata/4_transport/tcp/control_block/negotiated.hpp"
#include "strata/4_transport/tcp/control_block/state.hpp"
#include "strata/4_transport/tcp/control_block/syn.hpp"
#include "strata/4_transport/tcp/control_block/timestamp_clock.hpp"
#include "strata/4_transport/tcp/control_block/user_wishes.hpp"
#include "strata/4_transport/tcp/receive/allowance.hpp"
#include "strata/4_transport/tcp/receive/buffer.hpp"
#include "strata/4_transport/tcp/receive/delayed_ack.hpp"
#include "strata/4_transport/tcp/receive/fin.hpp"
#include "strata/4_transport/tcp/receive/reassembly.hpp"
#include "strata/4_transport/tcp/receive/sequence_space.hpp"
#include "strata/4_transport/tcp/recovery/fast_recovery.hpp"
#include "strata/4_transport/tcp/recovery/rtt.hpp"
#include "strata/4_transport/tcp/recovery/rtt_probe.hpp"
#include "strata/4_transport/tcp/segment/segment.hpp"
#include "strata/4_transport/tcp/send/buffer.hpp"
#include "strata/4_transport/tcp/send/fin.hpp"
#include "strata/4_transport/tcp/send/persist.hpp"
#include "strata/4_transport/tcp/send/sequence_space.hpp"
#include "strata/4_transport/tcp/timers/deadlines.hpp"

namespace strata::transport::tcp {

// How often a peer gets an answer to what is not acceptable. Each
// connection has its own measure, so that nobody learns from it what others
// do, or takes from others what they need (RFC 5961 10, CVE-2016-5696).
class AnswerPace {
public:
    static constexpr Duration empty_interval = 500ms;   // as Linux
    static constexpr Duration payload_interval = 50ms;  // a repeated segment says that our acknowledgment was lost
    static constexpr unsigned payload_burst = 10;
    [[nodiscard]] bool to_empty(Instant now) noexcept { return empty_.allow(now, empty_interval); }
    [[nodiscard]] bool to_payload(Instant now) noexcept { return payload_.allow(now, payload_interval, payload_burst); }

private:
    Pace empty_;
    Pace payload_;
};

struct ControlBlock {
    // What each buffer may always hold, however short memory is; what
    // it may hold before it has shown that it is used.
    static constexpr std::size_t buffer_floor = 16u << 10;
    static constexpr std::size_t buffer_initial = 128u << 10;

    ControlBlock(const ConnectionId& connection_id, std::shared_ptr<const ConnectionOptions> connection_options);

    ConnectionId id;
    std::shared_ptr<const ConnectionOptions> options;
    StateVariable state;
    UserWishes user;
    SynTransmission syn;
    Keepalive keepalive;

    TimestampClock clock;

    SendSequenceSpace snd;
    SendBuffer send_buffer;
    SentFin fin;
    Persist persist;

    ReceiveSequenceSpace rcv;
    ReceivedFin peer_fin;
    ReceiveBuffer receive_buffer;
    Reassembly reassembly;
    ReceiveAllowance allowance;
    DelayedAck acks;
    AnswerPace answers;

    RttEstimator rtt;
    RttProbe rtt_probe;
    RepeatMark repeats;
    FastRecovery recovery;
    std::unique_ptr<CongestionControl> congestion;
    Deadlines deadlines;

    // What the two SYNs agreed on; the way to the peer as the network floor knows it.
    [[nodiscard]] const Negotiated& negotiated() const noexcept { return negotiated_; }
    [[nodiscard]] const network::Path& path() const noexcept { return path_; }

    // --- derived
    // The sequence number of the send buffer's first byte.
    [[nodiscard]] SequenceNumber data_begin() const noexcept {
        return snd.una() == snd.iss() ? snd.iss() + 1 : snd.una();
    }
    // Behind the last byte written: where the FIN will be.
    [[nodiscard]] SequenceNumber data_end() const noexcept {
        return data_begin() + static_cast<std::uint32_t>(send_buffer.size());
    }
    [[nodiscard]] bool fin_acknowledged() const noexcept { return fin.acknowledged(snd.una()); }
    // The largest window we offer now.
    [[nodiscard]] std::size_t receive_limit() const noexcept {
        return std::min(options->receive_buffer_max, allowance.bytes());
    }
    [[nodiscard]] std::size_t receive_room() const noexcept {
        const std::size_t used = receive_buffer.size();
        return used < receive_limit() ? receive_limit() - used : 0;
    }
    // The same with less than a unit of the window's scale beyond the limit: what rounding may give
    // away, once.
    [[nodiscard]] std::size_t receive_overdraft(unsigned scale) const noexcept {
        const std::size_t most = receive_limit() + (std::size_t{1} << scale) - 1;
        return most - std::min(most, receive_buffer.size());
    }
    // Memory kept for what has arrived.
    [[nodiscard]] std::size_t receive_held() const noexcept { return receive_buffer.held() + reassembly.held(); }
    // A block pins at most twice what it holds (see wasteful()); an
    // eighth of that more for the maps about it.
    [[nodiscard]] ReassemblyLimits reassembly_limits() const noexcept {
        const std::size_t memory_max = 2 * options->receive_buffer_max + options->receive_buffer_max / 4 + buffer_floor;
        const std::size_t used = receive_buffer.held();
        return {options->reassembly_ranges_max, memory_max > used ? memory_max - used : 0};
    }
    // The peer's window field in bytes; a SYN's is never scaled (RFC 7323 2.2).
    [[nodiscard]] std::uint32_t scaled_window(const Segment& segment) const noexcept {
        return segment.has(ControlBits::syn) ? segment.wnd : std::uint32_t{segment.wnd} << negotiated_.snd_scale;
    }
    // Bytes of options that every segment after the SYN carries.
    [[nodiscard]] std::size_t usual_options_size() const noexcept { return negotiated_.timestamps ? 12 : 0; }

    // --- done once
    // Opens on this path.
    void start(const network::Path& path) { path_ = path; }
    // Takes the peer's SYN in: RCV.NXT, IRS, the options both sides have.
    void negotiate(const Segment& their_syn, Instant now);
    // The answer to our SYN, or to our SYN-ACK, has come: the first round trip is measured, if it
    // is known which one was answered.
    void syn_was_answered(Instant now) noexcept;

    // --- the path, whenever it changes
    // As the network floor has it now. False: there is none any more.
    [[nodiscard]] bool refresh_path(network::Service& network);
    // A router reported that no longer packets pass. False: that is nothing new.
    [[nodiscard]] bool path_mtu_reported(network::Service& network, std::size_t mtu);

private:
    // Works out the payload of a full segment from the path and the peer's MSS.
    void update_mss() noexcept;

    network::Path path_;
    Negotiated negotiated_;
};

}  // namespace strata::transport::tcp
