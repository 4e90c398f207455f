#include "strata/7_application/tftp/transfer/sending.hpp"

#include <algorithm>
#include <array>

namespace strata::application::tftp {

void Sending::agree(const Agreement& agreement) {
    Transfer::agree(agreement);
    // With 65535 numbers the last of a larger window could not be
    // told from what is before the first.
    if (rollover_ == Rollover::to_one)
        agreement_.windowsize = std::min<std::uint64_t>(agreement_.windowsize, block_number_last - 1);
}

void Sending::opened(Instant now) { fill_window(now); }

void Sending::hear_acknowledgment(const Acknowledgment& packet, Instant now) {
    if (state_ == State::opening && high_ == 0) {
        // The answer to our OACK, or a server's to our WRQ.
        if (packet.block == 0) proceed(now);
        return;
    }
    const std::uint64_t ahead = blocks_ahead(una_ - 1, packet.block, rollover_);
    if (ahead == 0) return gap_reported(now);
    // An old one, or one for a block that was never sent.
    if (ahead > high_ + 1 - una_) return;
    advance_to(una_ - 1 + ahead, now);
}

void Sending::advance_to(std::uint64_t block, Instant now) {
    if (timed_ != 0 && block >= timed_) retransmission_.measured(now - timed_at_);
    timed_ = 0;
    run(now);
    requested_repeats_ = 0;
    una_ = block + 1;
    nxt_ = agreement_.sliding ? std::max(nxt_, una_) : una_;
    bytes_ = block == last_ ? (block - 1) * agreement_.blksize + last_size_ : block * agreement_.blksize;
    source_->forget(block);
    if (block == last_) return end({});
    fill_window(now);
}

void Sending::gap_reported(Instant now) {
    if (state_ != State::running || agreement_.windowsize == 1 || high_ < una_) return;
    if (now - una_left_at_ < retransmission_.round_trip_min()) return;
    if (requested_repeats_ >= requested_repeats_max) return;
    ++requested_repeats_;
    repeat(now);
}

void Sending::repeat(Instant now) {
    timed_ = 0;
    nxt_ = una_;
    una_left_at_ = now;
    fill_window(now);
}

void Sending::fill_window(Instant now) {
    if (!source_) source_ = make_source(mode_, from_, agreement_.blksize);
    const std::uint64_t high_before = high_;
    if (nxt_ == una_ && (!agreement_.sliding || high_ == 0)) una_left_at_ = now;
    while (may_leave(nxt_)) {
        if (!send_burst()) return;
    }
    if (timed_ == 0 && high_ > high_before && (agreement_.sliding || una_ > high_before)) {
        timed_ = high_;
        timed_at_ = now;
    }
    retransmission_.sent(now);
}

bool Sending::send_burst() {
    const std::size_t packet_size = data_header_size + agreement_.blksize;
    MutableBytes room = outbox_.room(packet_size);
    std::array<Bytes, burst_max> datagrams;
    std::size_t count = 0;
    while (count < burst_max && room.size() >= packet_size && may_leave(nxt_)) {
        const auto size = source_->read(nxt_, room.subspan(data_header_size));
        if (!size) {
            const bool shorter = size.error() == std::errc::illegal_byte_sequence;
            break_off(ErrorCode::not_defined,
                      shorter ? "the file became shorter while it was read" : "the file cannot be read any more");
            return false;
        }
        if (*size < agreement_.blksize) {
            last_ = nxt_;
            last_size_ = *size;
        }
        store_data_header(room.data(), wire_number(nxt_, rollover_));
        datagrams.at(count++) = room.first(data_header_size + *size);
        room = room.subspan(data_header_size + *size);
        high_ = std::max(high_, nxt_++);
    }
    outbox_.send(std::span{datagrams}.first(count));
    return true;
}

}  // namespace strata::application::tftp
