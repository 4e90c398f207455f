// What each habit makes of a conversation.
#include <algorithm>
#include <iterator>

#include "tests/support/misbehaving/conversation.hpp"

namespace strata::test {

using tcp::ControlBits;
using tcp::SackBlocks;
using tcp::SequenceNumber;
using tcp::SequenceRange;

void Conversation::set_habit(Habit habit) {
    if (vanished_ || was_reset_ || resetting_) return;
    habit_ = habit;
    paused_ = false;
    pause_changes_ = now();
    switch (habit) {
        case Habit::fin_early: fin_wanted_ = true; return;
        case Habit::resets:
            resetting_ = true;
            // What the host acknowledged last is what it expects
            // next, unless it has more by now: then it challenges.
            return send_bare(snd_una_, ControlBits::rst);
        case Habit::vanishes: vanished_ = true; return;
        default: return;
    }
}

// ------------------------------------------------------------------------------------------------ as a receiver

// The window in octets that the next segment gives.
std::uint32_t Conversation::window() {
    switch (habit_) {
        case Habit::shrinks_window: return entropy_.chance(0.2) ? 0 : random(window_);
        case Habit::shuts_window: return paused_ ? 0 : window_;
        case Habit::silly_window: return 1 + random(3);
        case Habit::never_reads: return after(promised_, rcv_nxt_) ? promised_ - rcv_nxt_ : 0;
        default: return window_;
    }
}

// Of what the host did not send, of what did not come, of what is acknowledged already.
SackBlocks Conversation::lying_sack() {
    SackBlocks blocks;
    if (!sack_) return blocks;
    if (entropy_.chance(0.3)) blocks.push_back({host_max_ + random(5000), host_max_ + 5000 + random(100000)});
    if (entropy_.chance(0.3)) blocks.push_back({rcv_nxt_ - random(20000), rcv_nxt_});
    if (entropy_.chance(0.3)) blocks.push_back({host_max_, rcv_nxt_});
    if (const std::uint32_t flight = host_max_ - rcv_nxt_; flight > 0 && entropy_.chance(0.3)) {
        const SequenceNumber begin = rcv_nxt_ + random(flight);
        blocks.push_back({begin, begin + 1 + random(host_max_ - begin)});
    }
    return blocks;  // and none of what really came: what was told before is taken back
}

// To a segment that asks for an answer.
void Conversation::answer() {
    if (silent()) return;
    switch (habit_) {
        case Habit::acknowledges_unsent:
            if (entropy_.chance(0.3)) send_acknowledgment(never_sent() + random(1u << 20), {});
            return send_acknowledgment();
        case Habit::acknowledges_old:
            if (entropy_.chance(0.5)) send_acknowledgment(rcv_nxt_ - random(70000), {});
            return send_acknowledgment();
        case Habit::divides_acknowledgments:
            for (std::uint32_t left = mss_; left > 0; left -= std::min(left, 1 + random(mss_ / 4u)))
                send_acknowledgment(later_of(rcv_nxt_ - left, irs_ + 1), {});
            return send_acknowledgment();
        case Habit::repeats_acknowledgments:
            for (std::uint32_t times = random(5); times > 0; --times) send_acknowledgment();
            return send_acknowledgment();
        case Habit::acknowledges_ahead:
            // What was lost is never asked for again.
            rcv_nxt_ = later_of(rcv_nxt_, host_fin_ ? *host_fin_ : host_max_);
            ranges_.clear();
            advance();
            return send_acknowledgment();
        case Habit::lies_in_sack: return send_acknowledgment(rcv_nxt_, lying_sack());
        default: return send_acknowledgment();
    }
}

// ------------------------------------------------------------------------------------------------ unasked

void Conversation::pause_or_go_on() {
    if (habit_ != Habit::stalls && habit_ != Habit::shuts_window) return;
    if (now() < pause_changes_) return;
    const Duration half = pause_max / 2;
    paused_ = !paused_;
    pause_changes_ = now() + half + Duration{static_cast<std::int64_t>(random(1000)) * half / 1000};
    if (habit_ == Habit::shuts_window || !paused_) send_acknowledgment();
}

void Conversation::make_mischief() {
    if (!entropy_.chance(0.1)) return;
    const std::uint32_t room = after(host_edge_, snd_nxt_) ? host_edge_ - snd_nxt_ : 0;
    switch (habit_) {
        case Habit::shrinks_window:
        case Habit::silly_window: return send_acknowledgment();
        case Habit::acknowledges_unsent: return send_acknowledgment(never_sent() + random(1u << 30), {});
        case Habit::acknowledges_old: return send_acknowledgment(rcv_nxt_ - random(1u << 30), {});
        case Habit::lies_in_sack: return send_acknowledgment(rcv_nxt_, lying_sack());
        case Habit::answers_everything: return send_bare(snd_una_ - 1, ControlBits::ack);
        case Habit::resets_beside:
            // Behind all that was sent, so that it cannot be RCV.NXT.
            if (room > 2) send_bare(snd_nxt_ + 1 + random(room - 1), ControlBits::rst);
            return;
        case Habit::resets_outside:
            return send_bare(entropy_.chance(0.5) ? host_edge_ + 1 + random(1u << 20) : snd_una_ - 1 - random(1u << 20),
                             ControlBits::rst);
        case Habit::syn_in_the_middle: {
            const SequenceNumber anywhere{random(0xffffffff)};
            const auto control =
                entropy_.chance(0.5) ? ControlBits::syn | ControlBits::ack : ControlBits(ControlBits::syn);
            return send_bare(entropy_.chance(0.5) ? snd_nxt_ + random(room + 1) : anywhere, control);
        }
        case Habit::beyond_window: {
            // True octets, wholly or in part beyond the host's window.
            if (role_ == Role::download || fin_wanted_) return;
            const SequenceNumber begin = room < mss_ && entropy_.chance(0.5) ? snd_nxt_ : host_edge_ + random(1u << 16);
            RawSegment segment;
            segment.seq = begin;
            segment.ack = rcv_nxt_;
            segment.control = ControlBits::ack;
            segment.payload = octets(peer_stream(number_), begin - (iss_ + 1), mss_);
            ahead_ = later_of(ahead_, begin + mss_);
            return send(segment);
        }
        default: return;
    }
}

// ------------------------------------------------------------------------------------------------ as a sender

void Conversation::send_new_payload() {
    if (role_ == Role::download || fin_ || silent() || state_ != State::open) return;
    SequenceNumber limit = earlier_of(host_edge_, snd_una_ + flight_max);
    if (fin_wanted_) limit = earlier_of(limit, ahead_);
    const std::uint32_t room = after(limit, snd_nxt_) ? limit - snd_nxt_ : 0;
    const std::uint32_t size = sends_octets() ? 1 : mss_;
    const std::uint32_t most = sends_octets() ? small_payloads : 8u * mss_;
    // What was left out the last time comes behind.
    std::vector<SequenceRange> behind = std::exchange(later_, {});
    std::vector<SequenceRange> ranges;
    for (std::uint32_t left = std::min(room, most); left > 0; left -= ranges.back().size()) {
        ranges.push_back({snd_nxt_, snd_nxt_ + std::min(left, size)});
        snd_nxt_ = ranges.back().end;
    }
    scramble(ranges);
    ranges.insert(ranges.end(), behind.begin(), behind.end());
    for (const SequenceRange& range : ranges) {
        for (SequenceNumber seq = range.begin; before(seq, range.end); seq += mss_)
            send_payload(seq, earlier_of(seq + mss_, range.end));
    }
}

bool Conversation::sends_octets() const noexcept {
    return habit_ == Habit::single_octets || habit_ == Habit::backwards || habit_ == Habit::every_second_octet;
}

void Conversation::scramble(std::vector<SequenceRange>& ranges) {
    const auto shuffle = [&] {
        for (std::size_t i = ranges.size(); i > 1; --i) std::swap(ranges[i - 1], ranges[entropy_.below(i)]);
    };
    switch (habit_) {
        case Habit::backwards: std::ranges::reverse(ranges); return;
        case Habit::every_second_octet: {
            const auto even = [&](const SequenceRange& range) { return (range.begin - iss_) % 2 == 0; };
            std::ranges::copy_if(ranges, std::back_inserter(later_), even);
            std::erase_if(ranges, even);
            return;
        }
        case Habit::overlaps:
            for (SequenceRange& range : ranges) range.begin = later_of(iss_ + 1, range.begin - random(2u * mss_));
            return;
        case Habit::reorders: return shuffle();
        case Habit::repeats: {
            const std::vector<SequenceRange> once = ranges;
            ranges.insert(ranges.end(), once.begin(), once.end());
            return shuffle();
        }
        default: return;
    }
}

}  // namespace strata::test
