// The phases of a LAPB link, and the U frames that lead from one to another (X.25 2.4.4, 2.4.7,
// 2.4.9; ISO/IEC 7776 5.3 to 5.6).
//
//                 connect(), SABM sent             UA
//   disconnected ----------------------> setting_up --------> connected <----.
//     ^  ^   |            SABM from the peer, UA sent            |   |       | SABM from the peer
//     |  |   '---------------------------------------------------^   |       | (a reset), UA sent
//     |  |      UA or DM               disconnect(), DISC sent   |   '-------'
//     |  '------------- disconnecting <--------------------------'   FRMR, DM, UA, or N2 times T1:
//     '---- DISC from the peer, DM, N2 times T1                      SABM sent, setting_up
//
// From connected, a frame that makes no sense leads to rejecting, and from there a SABM of either
// side to connected.
#include <algorithm>

#include "strata/2_link/lapb/station/station.hpp"

namespace strata::link {
namespace {

LapbStationOptions lawful(LapbStationOptions options) noexcept {
    options.window = std::clamp(options.window, 1u, static_cast<unsigned>(options.modulus) - 1);
    options.attempts_max = std::max(options.attempts_max, 1u);
    return options;
}

}  // namespace

LapbStation::LapbStation(Context context, LapbStationUser& user, const LapbStationOptions& options)
    : context_(context),
      user_(user),
      options_(lawful(options)),
      own_(options.role == LapbRole::dte ? LapbAddress::a : LapbAddress::b),
      peer_(options.role == LapbRole::dte ? LapbAddress::b : LapbAddress::a),
      response_timer_([this] { response_overdue(); }),
      acknowledgment_timer_([this] { acknowledgment_overdue(); }),
      idle_timer_([this] { idle_too_long(); }),
      set_up_timer_([this] { set_up(); }) {}

// ------------------------------------------------------------------------------------------------ from above

void LapbStation::connect() {
    wanted_ = true;
    if (phase_ == LapbPhase::disconnected) set_up();
}

void LapbStation::disconnect() {
    wanted_ = false;
    context_.scheduler.cancel(set_up_timer_);
    if (phase_ == LapbPhase::disconnected || phase_ == LapbPhase::disconnecting) return;
    response_due_.reset();
    leave(LapbPhase::disconnecting);
    command_due_ = true;
    user_.frame_waiting();
}

void LapbStation::line_lost() {
    wanted_ = false;
    response_due_.reset();
    leave(LapbPhase::disconnected);
    context_.scheduler.cancel(set_up_timer_);
}

// ------------------------------------------------------------------------------------------------ phases

// Each change forgets what was being transferred: nobody knows which of the unacknowledged packets
// arrived, so none is sent again (X.25 2.4.5.9: that is for the layer above).
void LapbStation::leave(LapbPhase next) {
    const bool was_connected = connected();
    forget_transfer();
    cancel_timers();
    command_due_ = false;
    attempts_ = 1;
    phase_ = next;
    ++counters_.lapbFlowStateChanges;
    if (connected()) context_.scheduler.arm_after(idle_timer_, options_.idle_interval);
    if (connected() != was_connected) user_.connection_changed(connected());
}

void LapbStation::forget_transfer() {
    while (!sending_.unacknowledged.empty()) {
        const Packet lost = sending_.unacknowledged.pop_front();
        ++counters_.lapbOutLost;
        context_.traced(Floor::link, Direction::down, Verdict::dropped, &LapbCounters::lapbOutLost, lost);
    }
    sending_.va = 0;
    sending_.next = 0;
    sending_.peer_busy = false;
    sending_.polling = false;
    sending_.poll_due = false;
    const bool busy = receiving_.busy;
    receiving_ = {};
    receiving_.busy = busy;
    receiving_.busy_news_due = busy;
}

void LapbStation::set_up() {
    leave(LapbPhase::setting_up);
    command_due_ = true;
    user_.frame_waiting();
}

void LapbStation::enter_connected() { leave(LapbPhase::connected); }

void LapbStation::enter_disconnected() {
    leave(LapbPhase::disconnected);
    if (wanted_) context_.scheduler.arm_after(set_up_timer_, options_.set_up_interval);
}

void LapbStation::enter_rejecting(const HdlcFrame& frame, bool is_command, bool poll, LapbRejection::Reason reason) {
    ++counters_.lapbInRejected;
    rejection_ = {.vs = sequence(sending_.va + sending_.next),
                  .vr = static_cast<std::uint8_t>(receiving_.vr),
                  .was_response = !is_command,
                  .reason = reason};
    const Bytes control = frame.octets.subspan(1, std::min<std::size_t>(frame.octets.size() - 1, 2));
    std::ranges::copy(control, rejection_.control.begin());
    response_due_ = ModeResponse{LapbType::frame_reject, is_command && poll};
    leave(LapbPhase::rejecting);
}

// ------------------------------------------------------------------------------------------------ U frames

bool LapbStation::is_our_set_mode(const LapbFrame& frame) const noexcept {
    return frame.type == (options_.modulus == LapbModulus::basic ? LapbType::set_mode : LapbType::set_mode_extended);
}

// X.25 2.4.4.4: a command with P=1 is answered by DM; DM with F=0 asks us to set the link up.
void LapbStation::receive_disconnected(const LapbFrame& frame, bool is_command) {
    if (is_command && is_our_set_mode(frame) && wanted_) {
        answer(LapbType::acknowledgment, frame);
        return enter_connected();
    }
    const bool is_mode = frame.type == LapbType::set_mode || frame.type == LapbType::set_mode_extended ||
                         frame.type == LapbType::disconnect;
    if (is_command && (is_mode || frame.poll_final)) return answer(LapbType::disconnected_mode, frame);
    if (!is_command && frame.type == LapbType::disconnected_mode && !frame.poll_final && wanted_) return set_up();
    drop(&LapbCounters::lapbInIgnored);
}

// X.25 2.4.4.5: where both send a SABM, each answers the other's and waits for the answer to its
// own; where one sends a SABM and the other a DISC, both are disconnected.
void LapbStation::receive_setting_up(const LapbFrame& frame, bool is_command) {
    if (is_command && is_our_set_mode(frame)) return answer(LapbType::acknowledgment, frame);
    if (is_command && frame.type == LapbType::disconnect) {
        answer(LapbType::disconnected_mode, frame);
        return enter_disconnected();
    }
    if (!is_command && frame.type == LapbType::acknowledgment && frame.poll_final) return enter_connected();
    if (!is_command && frame.type == LapbType::disconnected_mode && frame.poll_final) return enter_disconnected();
    drop(&LapbCounters::lapbInIgnored);
}

void LapbStation::receive_disconnecting(const LapbFrame& frame, bool is_command) {
    if (is_command && frame.type == LapbType::disconnect) return answer(LapbType::acknowledgment, frame);
    if (is_command && is_our_set_mode(frame)) {
        answer(LapbType::disconnected_mode, frame);
        return enter_disconnected();
    }
    const bool answers =
        frame.poll_final && (frame.type == LapbType::acknowledgment || frame.type == LapbType::disconnected_mode);
    if (!is_command && answers) return enter_disconnected();
    drop(&LapbCounters::lapbInIgnored);
}

// X.25 2.4.7.3: until the link is reset, every other command is answered by the same FRMR.
void LapbStation::receive_rejecting(const LapbFrame& frame, bool is_command) {
    if (is_command && is_our_set_mode(frame)) {
        ++counters_.lapbResets;
        answer(LapbType::acknowledgment, frame);
        return enter_connected();
    }
    if (is_command && frame.type == LapbType::disconnect) {
        answer(LapbType::acknowledgment, frame);
        return enter_disconnected();
    }
    if (is_command) return answer(LapbType::frame_reject, frame);
    if (frame.type == LapbType::disconnected_mode || frame.type == LapbType::frame_reject) return set_up();
    drop(&LapbCounters::lapbInIgnored);
}

// X.25 2.4.4.2, 2.4.4.3, 2.4.7.1: SABM is a reset; DM, FRMR and an UA that nobody asked for show
// that the two ends are no longer in step, and a SABM of ours brings them back.
void LapbStation::receive_mode_while_connected(const LapbFrame& frame) {
    if (is_our_set_mode(frame)) {
        ++counters_.lapbResets;
        answer(LapbType::acknowledgment, frame);
        return enter_connected();
    }
    if (frame.type == LapbType::disconnect) {
        answer(LapbType::acknowledgment, frame);
        return enter_disconnected();
    }
    ++counters_.lapbResets;
    set_up();
}

}  // namespace strata::link
