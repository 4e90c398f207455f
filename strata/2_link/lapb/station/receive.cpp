// What a frame means: its address, whether it makes sense, and, while the link is connected, what
// it acknowledges, asks for and brings (X.25 2.4.5; ISO/IEC 7776 5.7).
#include <algorithm>
#include <utility>

#include "strata/2_link/lapb/station/station.hpp"

namespace strata::link {

void LapbStation::receive(const HdlcFrame& raw) {
    const auto frame = LapbFrame::parse(raw.octets, options_.modulus);
    if (!frame) {
        if (frame.error() == Error::bad_address) {
            drop(&LapbCounters::lapbInOtherAddress);
        } else if (frame.error() == Error::not_supported && connected()) {
            const bool is_command = static_cast<LapbAddress>(load_u8(raw.octets.data())) == own_;
            enter_rejecting(raw, is_command, false, LapbRejection::undefined_control);
        } else {
            drop(&LapbCounters::lapbInErrors);
        }
        return;
    }
    ++counters_.lapbInFrames;
    const bool is_command = frame->address == own_;
    switch (phase_) {
        case LapbPhase::disconnected: return receive_disconnected(*frame, is_command);
        case LapbPhase::setting_up: return receive_setting_up(*frame, is_command);
        case LapbPhase::connected: return receive_connected(raw, *frame, is_command);
        case LapbPhase::disconnecting: return receive_disconnecting(*frame, is_command);
        case LapbPhase::rejecting: return receive_rejecting(*frame, is_command);
    }
}

void LapbStation::receive_connected(const HdlcFrame& raw, const LapbFrame& frame, bool is_command) {
    if (const auto fault = fault_of(raw, frame, is_command)) {
        return enter_rejecting(raw, is_command, frame.poll_final, *fault);
    }
    context_.scheduler.arm_after(idle_timer_, options_.idle_interval);
    if (frame.type == LapbType::information) return information_arrived(frame);
    if (frame.is_supervisory()) return supervisory_arrived(frame, is_command);
    receive_mode_while_connected(frame);
}

// X.25 2.4.7.3, 2.3.4.9: what a FRMR answers.
std::optional<LapbRejection::Reason> LapbStation::fault_of(const HdlcFrame& raw, const LapbFrame& frame,
                                                           bool is_command) const noexcept {
    const bool other_mode =
        (frame.type == LapbType::set_mode || frame.type == LapbType::set_mode_extended) && !is_our_set_mode(frame);
    if (other_mode || (is_command ? !frame.may_be_command() : !frame.may_be_response())) {
        return LapbRejection::undefined_control;
    }
    if (!frame.information.empty() && !frame.may_have_information()) return LapbRejection::unwanted_information;
    if (frame.type != LapbType::information && !frame.is_supervisory()) return std::nullopt;
    if (!is_valid_receive_number(frame.nr)) return LapbRejection::invalid_receive_number;
    if (!raw.whole || frame.information.size() > options_.information_max) {
        return LapbRejection::information_too_long;
    }
    return std::nullopt;
}

void LapbStation::drop(CounterOf<LapbCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::link, Direction::up, Verdict::dropped, counter);
}

// From the lowest I frame that is not acknowledged to the next that was never sent, both included.
bool LapbStation::is_valid_receive_number(unsigned nr) const noexcept {
    const auto modulus = static_cast<unsigned>(options_.modulus);
    return (nr + modulus - sending_.va) % modulus <= sending_.unacknowledged.size();
}

// ------------------------------------------------------------------------------------------------ S frames

void LapbStation::supervisory_arrived(const LapbFrame& frame, bool is_command) {
    if (frame.type == LapbType::reject) ++counters_.lapbFlowRejInPkts;
    acknowledged(frame.nr);
    const bool busy = frame.type == LapbType::receive_not_ready;
    if (busy && !sending_.peer_busy) ++counters_.lapbFlowBusyDefers;
    sending_.peer_busy = busy;
    if (is_command && frame.poll_final) receiving_.final_due = true;
    if (!is_command && frame.poll_final && sending_.polling) {
        poll_answered();
    } else if (frame.type == LapbType::reject && !sending_.polling) {
        if (attempts_ >= options_.attempts_max) return give_up();
        // X.25 2.4.5.6: from N(R) on, all again. While we are polling, the answer says from where.
        // To be asked again and again for the same is to be without an answer.
        ++attempts_;
        sending_.next = 0;
        context_.scheduler.cancel(response_timer_);
    }
    // A busy peer is asked from time to time: the frame that says that it no longer is may be lost.
    if (busy && !response_timer_.armed()) start_response_timer();
}

// X.25 2.4.5.9: timer recovery ends, V(S) is N(R), and what the peer does not have is sent again.
void LapbStation::poll_answered() {
    sending_.polling = false;
    sending_.poll_due = false;
    sending_.next = 0;
    // A peer that answers every poll and never takes a frame is given up as a silent one is; one
    // that is busy, or has all, is well.
    if (sending_.peer_busy || sending_.unacknowledged.empty()) attempts_ = 1;
    context_.scheduler.cancel(response_timer_);
}

void LapbStation::acknowledged(unsigned nr) {
    const auto modulus = static_cast<unsigned>(options_.modulus);
    const std::size_t count = (nr + modulus - sending_.va) % modulus;
    if (count == 0) return;
    for (std::size_t i = 0; i < count; ++i) (void)sending_.unacknowledged.pop_front();
    sending_.va = nr;
    sending_.next -= std::min(sending_.next, count);
    attempts_ = 1;
    if (sending_.polling) return;
    if (sending_.next > 0 || sending_.peer_busy) {
        start_response_timer();
    } else {
        context_.scheduler.cancel(response_timer_);
    }
}

// ------------------------------------------------------------------------------------------------ I frames

void LapbStation::information_arrived(const LapbFrame& frame) {
    acknowledged(frame.nr);
    if (frame.poll_final) receiving_.final_due = true;
    if (receiving_.busy) {
        // X.25 2.4.5.8: N(R) and P count all the same.
        receiving_.dropped_while_busy = true;
        return drop(&LapbCounters::lapbInBusy);
    }
    if (frame.ns != receiving_.vr) return out_of_sequence();
    receiving_.vr = sequence(receiving_.vr + 1);
    receiving_.reject_condition = false;
    receiving_.reject_due = false;
    ++counters_.lapbInInformation;
    // Half a window is not kept waiting: the peer would come to its end and stop.
    if (++receiving_.unacknowledged >= (options_.window + 1) / 2) {
        receiving_.acknowledgment_due = true;
    } else if (!acknowledgment_timer_.armed()) {
        context_.scheduler.arm_after(acknowledgment_timer_, options_.acknowledgment_delay);
    }
    user_.information_arrived(frame.information);
}

// X.25 2.4.5.4: one REJ, until the I frame that it asks for has come.
void LapbStation::out_of_sequence() {
    drop(&LapbCounters::lapbInOutOfSequence);
    if (std::exchange(receiving_.reject_condition, true)) return;
    receiving_.reject_due = true;
}

}  // namespace strata::link
