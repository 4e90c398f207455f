#include "strata/7_application/tftp/transfer/transfer.hpp"

#include <algorithm>

namespace strata::application::tftp {

void Transfer::agree(const Agreement& agreement) {
    agreement_ = agreement;
    if (agreement.timeout) retransmission_.agree_on(*agreement.timeout);
}

void Transfer::begin(std::vector<std::byte> opening, Instant now) {
    ends_at_ = saturating_add(now, options_.total_max);
    opening_ = std::move(opening);
    if (opening_.empty()) return opened(now);
    send_opening(now);
    opening_left_at_ = now;
}

void Transfer::send_opening(Instant now) {
    opening_left_at_.reset();
    send(opening_);
    retransmission_.sent(now);
}

void Transfer::proceed(Instant now) {
    if (state_ != State::opening) return;
    run(now);
    opened(now);
}

// The opening needs no room any more.
void Transfer::run(Instant now) {
    if (state_ == State::opening && opening_left_at_) retransmission_.measured(now - *opening_left_at_);
    retransmission_.heard(now);
    proven_ = true;
    if (state_ != State::opening) return;
    state_ = State::running;
    opening_ = {};
}

void Transfer::hear(const Packet& packet, Instant now) {
    if (is_over()) return;
    if (const auto* error = std::get_if<ErrorMessage>(&packet)) {
        proven_ = true;
        if (state_ != State::dallying) outcome_ = Outcome{Outcome::How::refused, error->code, error->text};
        state_ = State::ended;
    } else if (const auto* data = std::get_if<Data>(&packet)) {
        hear_data(*data, now);
    } else if (const auto* acknowledgment = std::get_if<Acknowledgment>(&packet)) {
        hear_acknowledgment(*acknowledgment, now);
    } else if (std::holds_alternative<OptionAcknowledgment>(packet) && state_ == State::running) {
        hear_options_again(now);
    }
}

Instant Transfer::deadline() const noexcept {
    if (is_over()) return never;
    if (state_ == State::keeping || state_ == State::dallying) return ends_at_;
    return std::min(retransmission_.deadline(), ends_at_);
}

void Transfer::deadline_reached(Instant now) {
    if (now < deadline()) return;
    if (state_ == State::dallying) {
        state_ = State::ended;
    } else if (now >= ends_at_) {
        break_off(ErrorCode::not_defined, "the transfer takes too long", Outcome::How::silent);
    } else if (!retransmission_.repeat(now)) {
        // To one who never answered nothing more is sent: it may have asked for nothing.
        if (!is_proven()) return end({Outcome::How::silent, ErrorCode::not_defined, "no answer came"});
        break_off(ErrorCode::not_defined, "nothing came any more", Outcome::How::silent);
    } else if (state_ == State::opening && !opening_.empty()) {
        send_opening(now);
    } else {
        repeat(now);
    }
}

void Transfer::repeat_opening(Instant now) {
    if (state_ != State::opening) return;
    if (!retransmission_.repeat(now)) return;
    if (!opening_.empty()) return send_opening(now);
    repeat(now);
}

void Transfer::abort(ErrorCode code, std::string text) {
    if (outcome_) return;
    break_off(code, std::move(text), Outcome::How::aborted);
}

void Transfer::give_up(Outcome outcome) {
    if (!outcome_) end(std::move(outcome));
    state_ = State::ended;
}

void Transfer::break_off(ErrorCode code, std::string text, Outcome::How how) {
    const auto packet = serialize(ErrorMessage{code, text});
    send(packet);
    end({how, code, std::move(text)});
}

void Transfer::end(Outcome outcome) {
    outcome_ = std::move(outcome);
    state_ = State::ended;
}

void Transfer::dally(Instant now) {
    outcome_ = Outcome{};
    state_ = State::dallying;
    ends_at_ = saturating_add(now, options_.dally_time);
}

}  // namespace strata::application::tftp
