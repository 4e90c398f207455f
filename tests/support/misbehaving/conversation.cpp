#include "tests/support/misbehaving/conversation.hpp"

#include <algorithm>

namespace strata::test {

using tcp::ControlBits;
using tcp::SequenceNumber;

Conversation::Conversation(unsigned number, Role role, const Endpoint& own, const Endpoint& host, Scheduler& scheduler,
                           std::uint64_t seed, RawWire& wire)
    : number_(number), role_(role), own_(own), host_(host), scheduler_(scheduler), entropy_(seed), wire_(wire) {
    mss_ = static_cast<std::uint16_t>(1000 + random(461));
    if (entropy_.chance(0.5)) scale_ = static_cast<std::uint8_t>(random(4));
    timestamps_ = entropy_.chance(0.6);
    sack_ = entropy_.chance(0.6);
    window_ = 30000 + random(scale_ ? 200000 : 30000);
    takes_probes_ = entropy_.chance(0.3);
    // A third of them begin just before the sequence numbers do.
    iss_ = SequenceNumber{entropy_.chance(0.3) ? 0u - random(100000) : random(0xffffffff)};
    snd_una_ = iss_;
    snd_nxt_ = recover_ = ahead_ = iss_ + 1;
}

// ------------------------------------------------------------------------------------------------ it sends

void Conversation::send(RawSegment segment) {
    segment.source = own_;
    segment.destination = host_;
    if (timestamps_ && !(habit_ == Habit::drops_timestamps && entropy_.chance(0.5))) {
        const auto clock = static_cast<std::uint32_t>(now().time_since_epoch() / 1ms);
        segment.options.timestamps = tcp::Timestamps{clock + 1000 * number_ + 1, host_clock_};
    }
    segment.options.sack.limit(segment.options.timestamps ? 3 : 4);
    if (segment.has(ControlBits::ack) && !segment.has(ControlBits::syn | ControlBits::rst)) {
        // Rounded up, as whoever keeps its promises does.
        const unsigned scale = scale_.value_or(0);
        const std::uint32_t field = std::min(0xffffu, (window() + (1u << scale) - 1) >> scale);
        segment.wnd = static_cast<std::uint16_t>(field);
        promised_ = rcv_nxt_ + (field << scale);
    }
    wire_.send(segment);
}

void Conversation::send_bare(SequenceNumber seq, ControlBits control) {
    RawSegment segment;
    segment.seq = seq;
    segment.ack = rcv_nxt_;
    segment.control = control;
    send(segment);
}

void Conversation::send_acknowledgment(SequenceNumber ack, const tcp::SackBlocks& sack) {
    RawSegment segment;
    segment.seq = snd_nxt_;
    segment.ack = ack;
    segment.control = ControlBits::ack;
    segment.options.sack = sack;
    send(segment);
}

void Conversation::send_payload(SequenceNumber seq, SequenceNumber end) {
    const SequenceNumber behind = earlier_of(end, payload_end());
    RawSegment segment;
    segment.seq = seq;
    segment.ack = rcv_nxt_;
    segment.control = ControlBits::ack | ControlBits::psh;
    if (before(seq, behind)) segment.payload = octets(peer_stream(number_), seq - (iss_ + 1), behind - seq);
    if (fin_ && after(end, *fin_)) segment.control.set(ControlBits::fin);
    send(segment);
}

void Conversation::open() {
    state_ = State::syn_sent;
    RawSegment syn;
    syn.seq = iss_;
    syn.control = ControlBits::syn;
    syn.wnd = static_cast<std::uint16_t>(std::min(window_, 0xffffu));
    syn.options.maximum_segment_size = mss_;
    syn.options.window_scale = scale_;
    syn.options.sack_permitted = sack_;
    progress_at_ = now();
    send(syn);
}

// ------------------------------------------------------------------------------------------------ it receives

void Conversation::arrives(const RawSegment& segment) {
    if (vanished_ || was_reset_) return;
    if (segment.has(ControlBits::rst)) {
        was_reset_ = !over();  // what comes after its end is for nobody
        return;
    }
    if (segment.has(ControlBits::syn)) return handshake(segment);
    const bool knows_us = state_ == State::open || state_ == State::syn_received;
    if (!knows_us || !segment.has(ControlBits::ack)) return;
    state_ = State::open;
    // RFC 5961 3.2: who means its reset answers the challenge with
    // the number that the challenge names.
    if (resetting_) return send_bare(segment.ack, ControlBits::rst);
    if (segment.options.timestamps) host_clock_ = segment.options.timestamps->value;
    host_max_ = later_of(host_max_, segment.end());
    const SequenceNumber una = snd_una_;
    acknowledged(segment);
    const bool old = before(segment.seq, rcv_nxt_);
    const bool lost = silent() && entropy_.chance(0.5);
    if (segment.len() > 0) {
        if (lost) return;
        take(segment);
        answer();
    } else if (old || habit_ == Habit::answers_everything) {
        // A keepalive asks; who answers all asks in turn.
        habit_ == Habit::answers_everything ? send_bare(snd_una_ - 1, ControlBits::ack) : answer();
    }
    if (snd_una_ != una) send_new_payload();
}

void Conversation::handshake(const RawSegment& segment) {
    const bool answers = segment.has(ControlBits::ack);
    if (state_ == State::open || answers != (state_ == State::syn_sent)) return;
    if (answers && segment.ack != iss_ + 1) return;
    host_ = segment.source;
    irs_ = segment.seq;
    rcv_nxt_ = host_max_ = segment.seq + 1;
    // Only what both offer holds.
    const tcp::SegmentOptions& theirs = segment.options;
    if (!theirs.window_scale) scale_.reset();
    host_scale_ = scale_ ? *theirs.window_scale : std::uint8_t{0};
    timestamps_ = timestamps_ && theirs.timestamps;
    sack_ = sack_ && theirs.sack_permitted;
    if (timestamps_) host_clock_ = theirs.timestamps->value;
    mss_ =
        std::min(mss_, static_cast<std::uint16_t>(theirs.maximum_segment_size.value_or(536) - (timestamps_ ? 12 : 0)));
    host_edge_ = iss_ + 1 + segment.wnd;
    progress_at_ = now();
    if (answers) {
        snd_una_ = iss_ + 1;
        state_ = State::open;
        return send_acknowledgment();
    }
    state_ = State::syn_received;
    RawSegment answer;
    answer.seq = iss_;
    answer.ack = rcv_nxt_;
    answer.control = ControlBits::syn | ControlBits::ack;
    answer.wnd = static_cast<std::uint16_t>(std::min(window_, 0xffffu));
    answer.options.maximum_segment_size = mss_;
    answer.options.window_scale = scale_;
    answer.options.sack_permitted = sack_;
    send(answer);
}

void Conversation::acknowledged(const RawSegment& segment) {
    if (after(segment.ack, later_of(snd_nxt_, ahead_))) return;
    snd_nxt_ = later_of(snd_nxt_, segment.ack);  // what was sent ahead has been taken
    host_edge_ = later_of(host_edge_, segment.ack + (std::uint32_t{segment.wnd} << host_scale_));
    if (not_after(segment.ack, snd_una_)) return;
    snd_una_ = segment.ack;
    progress_at_ = now();
    // As after a timeout of ours: the next hole at once.
    if (before(snd_una_, recover_)) repeat();
}

// Keeps what lies in the window as it is now, as a receiver that has shrunk it does.
void Conversation::take(const RawSegment& segment) {
    if (segment.has(ControlBits::fin)) host_fin_ = segment.end() - 1;
    SequenceNumber edge = later_of(promised_, rcv_nxt_);
    if (takes_probes_ && edge == rcv_nxt_ && segment.seq == rcv_nxt_ && segment.payload.size() == 1) edge += 1;
    const SequenceNumber begin = later_of(segment.seq, rcv_nxt_);
    const SequenceNumber end = earlier_of(segment.seq + segment.payload_length(), edge);
    if (before(begin, end)) {
        auto [range, fresh] = ranges_.try_emplace(begin - irs_, end - irs_);
        range->second = std::max(range->second, end - irs_);
    }
    advance();
}

void Conversation::advance() {
    while (!ranges_.empty() && ranges_.begin()->first <= rcv_nxt_ - irs_) {
        rcv_nxt_ = later_of(rcv_nxt_, irs_ + ranges_.begin()->second);
        ranges_.erase(ranges_.begin());
    }
    if (!host_ended_ && host_fin_ == rcv_nxt_) {
        rcv_nxt_ += 1;
        host_ended_ = true;
        if (role_ == Role::download) fin_wanted_ = true;
    }
}

tcp::SackBlocks Conversation::honest_sack() const {
    tcp::SackBlocks blocks;
    if (!sack_) return blocks;
    for (auto range = ranges_.begin(); range != ranges_.end();) {
        auto [begin, end] = *range;
        for (++range; range != ranges_.end() && range->first <= end; ++range) end = std::max(end, range->second);
        blocks.push_back({irs_ + begin, irs_ + end});
    }
    return blocks;
}

// ------------------------------------------------------------------------------------------------ time passes

void Conversation::tick() {
    if (vanished_ || was_reset_ || resetting_ || state_ == State::closed) return;
    const bool late = now() - progress_at_ > repeat_interval;
    if (state_ == State::syn_sent && late) open();
    if (state_ != State::open) return;
    if (over()) return;
    pause_or_go_on();
    make_mischief();
    if (late && snd_una_ != snd_nxt_ && !silent()) {
        recover_ = snd_nxt_;
        progress_at_ = now();
        repeat();
    }
    send_new_payload();
    end_payload();
}

void Conversation::repeat() {
    SequenceNumber seq = snd_una_;
    for (int i = 0; i < 2 && before(seq, snd_nxt_); ++i) {
        const SequenceNumber end = earlier_of(seq + mss_, snd_nxt_);
        send_payload(seq, end);
        seq = end;
    }
}

void Conversation::end_payload() {
    if (!fin_wanted_ || fin_ || silent() || !later_.empty() || before(snd_nxt_, ahead_)) return;
    fin_ = snd_nxt_;
    snd_nxt_ += 1;
    send_payload(*fin_, snd_nxt_);
}

void Conversation::finish() {
    set_habit(Habit::lawful);
    if (vanished_ || was_reset_ || resetting_ || state_ != State::open) return;
    if (role_ != Role::download) fin_wanted_ = true;
    send_acknowledgment();
    if (snd_una_ != snd_nxt_) {
        recover_ = snd_nxt_;
        repeat();
    }
}

}  // namespace strata::test
