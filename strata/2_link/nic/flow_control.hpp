// FlowControl: the two halves of PAUSE on one interface (IEEE 802.3 annex 31B): how long we are
// silent because our neighbour asked, and how we ask it.
//
//      PAUSE n arrives          n quanta have passed, PAUSE 0 arrives, or the measure is full
//   free -----------> paused ---------------------------------------------------------------> free
//
// Silence is a favour with a measure: at first pause_max in a row, and from then on pause_ratio
// times as long as we were free to send between. So a stranger slows us down to a tenth, and cannot
// silence us; a neighbour that is ten times slower than we gets all that it asks for. See
// docs/decisions/0076. Owned by Nic.
#pragma once

#include <optional>

#include "strata/0_foundation/context.hpp"
#include "strata/1_physical/port.hpp"
#include "strata/2_link/ethernet/pause.hpp"

namespace strata::link {

struct FlowControlOptions {
    bool honour = true;                             // false: PAUSE frames are counted and ignored
    Duration pause_max = 4500ms;                    // the longest silence, however often it is asked for again
    unsigned pause_ratio = 9;                       // of the silence that is granted to the time that we were free
    std::uint64_t assumed_rate = 1'000'000'000;     // bits per second, at least 1: measures a quantum where the port
                                                    // knows no rate
    std::uint16_t quanta = PauseFrame::quanta_max;  // that we ask for while we are congested; more than 0
};

// RFC 3635 (EtherLike-MIB), dot3PauseTable and dot3ControlTable; the others are ours.
#define STRATA_FLOW_CONTROL_COUNTERS(counter)                                                  \
    counter(dot3InPauseFrames, "PAUSE frames to us");                                          \
    counter(pauseInIgnored, "of these: not obeyed, since the measure was full, or it is off"); \
    counter(pauseInMalformed, "dropped: cut short, or neither to the group nor to us");        \
    counter(dot3ControlInUnknownOpcodes, "dropped: MAC control frames of another kind");       \
    counter(dot3OutPauseFrames, "PAUSE frames sent");

STRATA_COUNTERS(FlowControlCounters, STRATA_FLOW_CONTROL_COUNTERS);

class FlowControlUser {
public:
    virtual ~FlowControlUser() = default;
    // Hands a PAUSE frame to the port, before all that waits. False: the port is full.
    [[nodiscard]] virtual bool send_pause(PauseFrame pause) = 0;
    // What waits may leave.
    virtual void pause_ended() = 0;
};

class FlowControl {
public:
    // `user` and `port` outlive it.
    FlowControl(Context context, FlowControlUser& user, const physical::Port& port, const FlowControlOptions& options);
    FlowControl(const FlowControl&) = delete;
    FlowControl& operator=(const FlowControl&) = delete;

    // Nothing but PAUSE frames may be sent.
    [[nodiscard]] bool paused() const noexcept { return paused_; }
    [[nodiscard]] const FlowControlCounters& counters() const noexcept { return counters_; }

    // --- what arrives
    // A MAC control frame: what follows its EtherType. `to_us`: by its destination.
    void arrived(Bytes control, bool to_us);
    // The port has room: a frame of ours may wait for it.
    void port_writable();
    // The neighbour is another now, or none.
    void link_changed(bool up);

    // --- what is asked of our neighbour
    void ask(PauseFrame pause);
    // While it is so we ask for silence, and again before it ends; then we take it back.
    void set_congested(bool congested);

private:
    void obey(PauseFrame pause);
    void settle();
    void resume();
    void ask_again();
    void send_waiting();
    [[nodiscard]] Duration time_of(std::uint16_t quanta) const noexcept;
    void drop(CounterOf<FlowControlCounters> counter);

    Context context_;
    FlowControlUser& user_;
    const physical::Port& port_;
    FlowControlOptions options_;
    FlowControlCounters counters_;

    bool paused_ = false;
    Duration granted_;      // of silence that we still owe to whoever asks
    Instant settled_at_{};  // when that was reckoned
    Timer resuming_;

    bool congested_ = false;
    std::optional<PauseFrame> waiting_;  // for room in the port; the latest alone counts
    Timer asking_;
};

}  // namespace strata::link
