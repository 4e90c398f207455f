// One conversation of the misbehaving peer: a TCP of a few lines that keeps the rules where its
// habit of the moment does not break them. It makes segments, not calls; it takes what it gets as a
// lawful receiver would, and notes what that was.
#pragma once

#include <map>
#include <optional>

#include "strata/0_foundation/entropy.hpp"
#include "strata/0_foundation/scheduler.hpp"
#include "tests/support/misbehaving/habit.hpp"
#include "tests/support/misbehaving/raw_segment.hpp"
#include "tests/support/misbehaving/streams.hpp"

namespace strata::test {

// Where its segments go.
class RawWire {
public:
    virtual ~RawWire() = default;
    virtual void send(const RawSegment& segment) = 0;
};

class Conversation {
public:
    static constexpr Duration tick_interval = 10ms;
    static constexpr Duration repeat_interval = 400ms;  // of what the host does not acknowledge
    static constexpr std::uint32_t flight_max = 32768;
    static constexpr unsigned small_payloads = 16;  // a tick, where it sends octets

    Conversation(unsigned number, Role role, const Endpoint& own, const Endpoint& host, Scheduler& scheduler,
                 std::uint64_t seed, RawWire& wire);

    void open();  // with a SYN of its own; else it waits for the host's
    void arrives(const RawSegment& segment);
    void tick();
    void set_habit(Habit habit);
    // From now on it is lawful, and sends no more payload: only its FIN, after the last octet.
    void finish();

    [[nodiscard]] unsigned number() const noexcept { return number_; }
    [[nodiscard]] PortNumber port() const noexcept { return own_.port; }
    [[nodiscard]] Role role() const noexcept { return role_; }
    [[nodiscard]] Habit habit() const noexcept { return habit_; }
    [[nodiscard]] bool opened() const noexcept { return state_ == State::open; }
    [[nodiscard]] bool was_reset() const noexcept { return was_reset_; }  // by the host
    [[nodiscard]] bool resetting() const noexcept { return resetting_; }
    [[nodiscard]] bool vanished() const noexcept { return vanished_; }
    // Both FINs were sent and acknowledged.
    [[nodiscard]] bool over() const noexcept { return host_ended_ && fin_ && after(snd_una_, *fin_); }
    [[nodiscard]] bool host_ended() const noexcept { return host_ended_; }
    [[nodiscard]] std::uint32_t received() const noexcept { return rcv_nxt_ - (irs_ + 1) - (host_ended_ ? 1 : 0); }
    [[nodiscard]] std::uint32_t sent() const noexcept { return payload_end() - (iss_ + 1); }
    [[nodiscard]] std::uint32_t mss() const noexcept { return mss_; }

private:
    enum class State : std::uint8_t { closed, syn_sent, syn_received, open };

    // conversation.cpp: what every TCP does
    void handshake(const RawSegment& segment);
    void acknowledged(const RawSegment& segment);
    void take(const RawSegment& segment);
    void advance();
    void repeat();
    void end_payload();
    void send_payload(tcp::SequenceNumber seq, tcp::SequenceNumber end);
    void send_acknowledgment(tcp::SequenceNumber ack, const tcp::SackBlocks& sack);
    void send_acknowledgment() { send_acknowledgment(rcv_nxt_, honest_sack()); }
    void send_bare(tcp::SequenceNumber seq, tcp::ControlBits control);
    void send(RawSegment segment);
    [[nodiscard]] tcp::SackBlocks honest_sack() const;
    [[nodiscard]] tcp::SequenceNumber payload_end() const noexcept { return fin_ ? *fin_ : snd_nxt_; }
    [[nodiscard]] Instant now() const noexcept { return scheduler_.now(); }

    // misbehaviour.cpp: what the habit makes of it
    void answer();
    void make_mischief();
    void pause_or_go_on();
    void send_new_payload();
    void scramble(std::vector<tcp::SequenceRange>& ranges);
    [[nodiscard]] bool sends_octets() const noexcept;
    [[nodiscard]] bool silent() const noexcept { return paused_ && habit_ == Habit::stalls; }
    [[nodiscard]] std::uint32_t window();
    [[nodiscard]] tcp::SackBlocks lying_sack();
    // Beyond what may be under way.
    [[nodiscard]] tcp::SequenceNumber never_sent() const noexcept { return host_max_ + (1u << 20); }
    [[nodiscard]] std::uint32_t random(std::uint32_t below) {
        return static_cast<std::uint32_t>(entropy_.below(below));
    }

    const unsigned number_;
    const Role role_;
    const Endpoint own_;
    Endpoint host_;
    Scheduler& scheduler_;
    SeededEntropy entropy_;
    RawWire& wire_;

    // What it offers.
    std::uint16_t mss_;
    std::optional<std::uint8_t> scale_;
    bool timestamps_;
    bool sack_;
    std::uint32_t window_;  // where no habit has another
    bool takes_probes_;     // an octet beyond a shut window

    State state_ = State::closed;
    Habit habit_ = Habit::lawful;
    bool was_reset_ = false;
    bool resetting_ = false;
    bool vanished_ = false;
    bool paused_ = false;
    Instant pause_changes_{};

    // As a sender.
    tcp::SequenceNumber iss_, snd_una_, snd_nxt_, host_edge_, recover_;
    std::optional<tcp::SequenceNumber> fin_;
    bool fin_wanted_ = false;
    Instant progress_at_{};
    std::vector<tcp::SequenceRange> later_;  // what it left out
    tcp::SequenceNumber ahead_;              // how far it ever sent beyond the window: its FIN is behind that

    // As a receiver.
    tcp::SequenceNumber irs_, rcv_nxt_, promised_, host_max_;
    std::map<std::uint32_t, std::uint32_t> ranges_;  // out of order: begin to end, as octets from IRS on
    std::optional<tcp::SequenceNumber> host_fin_;
    bool host_ended_ = false;
    std::uint8_t host_scale_ = 0;
    std::uint32_t host_clock_ = 0;
};

}  // namespace strata::test
