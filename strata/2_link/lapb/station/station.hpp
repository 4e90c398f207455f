// LapbStation: one end of a LAPB link: HDLC's balanced class (ISO/IEC 7776; ITU-T X.25 2.4), which
// makes a reliable, ordered, flow-controlled link of a line that breaks frames.
//
//                  information_arrived()  next_information()
//                           ^                    |
//   receive.cpp     [what a frame means]   [what is sent next]    send.cpp
//                           |    connection.cpp    |
//                           |    [phases, modes]   |
//                           |      timers.cpp      v
//                       receive()              next_frame()
//
// A frame that arrives only sets what is due; next_frame() makes it when the line has room. So
// nothing waits but what the window allows, whatever a peer sends, and each frame carries the
// newest N(R).
#pragma once

#include <optional>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/2_link/lapb/counters.hpp"
#include "strata/2_link/lapb/frame.hpp"
#include "strata/2_link/lapb/framing/frame_assembler.hpp"

namespace strata::link {

enum class LapbRole : std::uint8_t { dte, dce };

struct LapbStationOptions {
    LapbRole role = LapbRole::dte;             // the peer has the other one
    LapbModulus modulus = LapbModulus::basic;  // both ends have the same
    unsigned window = 7;                       // k: I frames on their way, at most the modulus less one
    std::size_t information_max = 577;         // N1, in octets of the information field
    unsigned attempts_max = 20;                // N2: how often a frame is sent
    Duration response_interval = 3s;           // T1: longer than an answer takes
    Duration acknowledgment_delay = 200ms;     // T2: less than T1
    // T3 of X.25 2.4.8.3, T4 of ISO/IEC 7776: so long without a frame, and the peer is asked.
    Duration idle_interval = 30s;
    Duration set_up_interval = 10s;  // between one set-up that had no answer, or a DM, and the next
};

// Disconnecting, setting_up and rejecting wait for a frame of the peer, N2 times T1 long.
enum class LapbPhase : std::uint8_t {
    disconnected,   // X.25 2.4.4.4
    setting_up,     // SABM was sent (2.4.4.1)
    connected,      // information transfer (2.4.5)
    disconnecting,  // DISC was sent (2.4.4.3)
    rejecting,      // FRMR was sent (2.4.7.3)
};

class LapbStationUser {
public:
    virtual ~LapbStationUser() = default;
    // In the order in which the peer sent them, each once; only valid during the call.
    virtual void information_arrived(Bytes information) = 0;
    // What is to be sent next; an empty handle: nothing.
    [[nodiscard]] virtual Packet next_information() = 0;
    virtual void connection_changed(bool connected) = 0;
    // next_frame() has one, outside of receive().
    virtual void frame_waiting() = 0;
};

class LapbStation {
public:
    LapbStation(Context context, LapbStationUser& user, const LapbStationOptions& options);
    LapbStation(const LapbStation&) = delete;
    LapbStation& operator=(const LapbStation&) = delete;

    // Sets the link up, and again whenever it is lost, until disconnect() or line_lost().
    void connect();
    // Tells the peer (DISC), and then is silent.
    void disconnect();
    // The line has no carrier: nobody can be told.
    void line_lost();
    // Whether the peer is to stop sending (RNR): what arrives meanwhile is dropped, and sent again.
    void set_busy(bool busy);

    // A frame with a good frame check sequence.
    void receive(const HdlcFrame& frame);
    // The next frame to be sent, in place of what is in `frame`; false: there is none.
    [[nodiscard]] bool next_frame(std::vector<std::byte>& frame);

    [[nodiscard]] LapbPhase phase() const noexcept { return phase_; }
    [[nodiscard]] bool connected() const noexcept { return phase_ == LapbPhase::connected; }
    [[nodiscard]] std::size_t unacknowledged() const noexcept { return sending_.unacknowledged.size(); }
    [[nodiscard]] const LapbCounters& counters() const noexcept { return counters_; }

private:
    // A U frame that answers one.
    struct ModeResponse {
        LapbType type{};
        bool final = false;
    };
    struct Sending {
        RingQueue<Packet> unacknowledged;  // beginning with V(A), as X.25 calls the lowest unacknowledged N(S)
        unsigned va = 0;
        std::size_t next = 0;    // V(S) less V(A): those before it are on their way
        bool peer_busy = false;  // RNR
        bool polling = false;    // timer recovery: a command with P=1 waits for F=1
        bool poll_due = false;
    };
    struct Receiving {
        unsigned vr = 0;
        std::size_t unacknowledged = 0;  // I frames taken since N(R) was last sent
        bool acknowledgment_due = false;
        bool final_due = false;         // a command had P=1
        bool reject_condition = false;  // until the next I frame is the right one
        bool reject_due = false;
        bool busy = false;
        bool busy_news_due = false;
        bool dropped_while_busy = false;
    };

    // connection.cpp
    void set_up();
    void enter_connected();
    void enter_disconnected();
    void enter_rejecting(const HdlcFrame& frame, bool is_command, bool poll, LapbRejection::Reason reason);
    void leave(LapbPhase next);
    void forget_transfer();
    void receive_disconnected(const LapbFrame& frame, bool is_command);
    void receive_setting_up(const LapbFrame& frame, bool is_command);
    void receive_disconnecting(const LapbFrame& frame, bool is_command);
    void receive_rejecting(const LapbFrame& frame, bool is_command);
    void receive_mode_while_connected(const LapbFrame& frame);
    [[nodiscard]] bool is_our_set_mode(const LapbFrame& frame) const noexcept;
    void answer(LapbType type, const LapbFrame& command) { response_due_ = ModeResponse{type, command.poll_final}; }

    // receive.cpp
    void receive_connected(const HdlcFrame& raw, const LapbFrame& frame, bool is_command);
    [[nodiscard]] std::optional<LapbRejection::Reason> fault_of(const HdlcFrame& raw, const LapbFrame& frame,
                                                                bool is_command) const noexcept;
    [[nodiscard]] bool is_valid_receive_number(unsigned nr) const noexcept;
    void supervisory_arrived(const LapbFrame& frame, bool is_command);
    void information_arrived(const LapbFrame& frame);
    void out_of_sequence();
    void acknowledged(unsigned nr);
    void poll_answered();
    void drop(CounterOf<LapbCounters> counter);

    // send.cpp
    [[nodiscard]] bool send_mode(std::vector<std::byte>& frame);
    [[nodiscard]] bool send_information(std::vector<std::byte>& frame);
    void send_supervisory(std::vector<std::byte>& frame, bool as_command, bool poll_final);
    void write(std::vector<std::byte>& frame, LapbFrame header, bool as_command);
    [[nodiscard]] std::uint8_t sequence(std::size_t number) const noexcept {
        return static_cast<std::uint8_t>(number % static_cast<unsigned>(options_.modulus));
    }

    // timers.cpp
    void start_response_timer() { context_.scheduler.arm_after(response_timer_, options_.response_interval); }
    void response_overdue();
    void give_up();
    void acknowledgment_overdue();
    void idle_too_long();
    void cancel_timers();

    Context context_;
    LapbStationUser& user_;
    LapbStationOptions options_;
    LapbAddress own_;
    LapbAddress peer_;
    LapbPhase phase_ = LapbPhase::disconnected;
    bool wanted_ = false;  // connect() was called, and nothing since
    unsigned attempts_ = 1;
    Sending sending_;
    Receiving receiving_;
    std::optional<ModeResponse> response_due_;
    bool command_due_ = false;  // SABM or DISC, as the phase says
    LapbRejection rejection_;
    Timer response_timer_;        // T1
    Timer acknowledgment_timer_;  // T2
    Timer idle_timer_;
    Timer set_up_timer_;
    LapbCounters counters_;
};

}  // namespace strata::link
