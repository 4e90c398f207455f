// What is sent next: the answer to a command before a command, both before I frames, and an
// acknowledgment by itself only if no I frame carries it (X.25 2.4.3, 2.4.5.1, 2.4.5.2).
#include <utility>

#include "strata/2_link/lapb/station/station.hpp"

namespace strata::link {

bool LapbStation::next_frame(std::vector<std::byte>& frame) {
    if (send_mode(frame)) return true;
    if (!connected()) return false;
    if (receiving_.final_due) {
        send_supervisory(frame, false, true);
    } else if (receiving_.reject_due || receiving_.busy_news_due) {
        send_supervisory(frame, false, false);
    } else if (sending_.poll_due) {
        sending_.poll_due = false;
        send_supervisory(frame, true, true);
        start_response_timer();
    } else if (send_information(frame)) {
        return true;
    } else if (receiving_.acknowledgment_due) {
        send_supervisory(frame, false, false);
    } else {
        return false;
    }
    return true;
}

bool LapbStation::send_mode(std::vector<std::byte>& frame) {
    if (const auto due = std::exchange(response_due_, std::nullopt)) {
        std::array<std::byte, LapbRejection::size_max> field{};
        LapbFrame response{.type = due->type, .poll_final = due->final};
        if (due->type == LapbType::frame_reject) {
            response.information = Bytes{field}.first(rejection_.write(field.data(), options_.modulus));
            start_response_timer();
        }
        write(frame, response, false);
        return true;
    }
    if (!std::exchange(command_due_, false)) return false;
    const LapbType set_mode = options_.modulus == LapbModulus::basic ? LapbType::set_mode : LapbType::set_mode_extended;
    const LapbType type = phase_ == LapbPhase::setting_up ? set_mode : LapbType::disconnect;
    write(frame, {.type = type, .poll_final = true}, true);
    start_response_timer();
    return true;
}

// Nothing new, and nothing again, while the peer is busy or has not answered our poll.
bool LapbStation::send_information(std::vector<std::byte>& frame) {
    if (sending_.peer_busy || sending_.polling) return false;
    const bool again = sending_.next < sending_.unacknowledged.size();
    if (!again) {
        if (sending_.unacknowledged.size() >= options_.window) return false;
        Packet packet = user_.next_information();
        if (!packet) return false;
        sending_.unacknowledged.push_back(std::move(packet));
    }
    ++(again ? counters_.lapbOutRepeated : counters_.lapbOutInformation);
    const Packet& packet = sending_.unacknowledged[sending_.next];
    write(frame, {.type = LapbType::information, .ns = sequence(sending_.va + sending_.next)}, true);
    packet.for_each_piece([&](Bytes piece) { frame.insert(frame.end(), piece.begin(), piece.end()); });
    ++sending_.next;
    if (!response_timer_.armed()) start_response_timer();
    return true;
}

void LapbStation::send_supervisory(std::vector<std::byte>& frame, bool as_command, bool poll_final) {
    LapbType type = LapbType::receive_ready;
    if (receiving_.busy) {
        type = LapbType::receive_not_ready;
    } else if (receiving_.reject_due) {
        type = LapbType::reject;
        ++counters_.lapbFlowRejOutPkts;
    }
    receiving_.reject_due = false;
    receiving_.busy_news_due = false;
    if (!as_command && poll_final) receiving_.final_due = false;
    write(frame, {.type = type, .poll_final = poll_final}, as_command);
}

// Every I and S frame carries V(R): what was to be acknowledged is.
void LapbStation::write(std::vector<std::byte>& frame, LapbFrame header, bool as_command) {
    header.address = as_command ? peer_ : own_;
    header.nr = static_cast<std::uint8_t>(receiving_.vr);
    std::array<std::byte, LapbFrame::header_size_max> octets{};
    const std::size_t size = header.write_header(octets.data(), options_.modulus);
    frame.assign(octets.begin(), octets.begin() + static_cast<std::ptrdiff_t>(size));
    frame.insert(frame.end(), header.information.begin(), header.information.end());
    ++counters_.lapbOutFrames;
    if (header.type != LapbType::information && !header.is_supervisory()) return;
    receiving_.acknowledgment_due = false;
    receiving_.unacknowledged = 0;
    context_.scheduler.cancel(acknowledgment_timer_);
}

void LapbStation::set_busy(bool busy) {
    if (std::exchange(receiving_.busy, busy) == busy) return;
    receiving_.busy_news_due = true;
    // X.25 2.4.5.8: where I frames were dropped, REJ says that we are ready and what to send again.
    if (!busy && std::exchange(receiving_.dropped_while_busy, false)) {
        receiving_.reject_condition = true;
        receiving_.reject_due = true;
    }
    if (connected()) user_.frame_waiting();
}

}  // namespace strata::link
