#include "strata/7_application/tftp/transfer/receiving.hpp"

#include <cerrno>

namespace strata::application::tftp {

// Behind block 65535 comes 0, or 1 where each block is acknowledged: which one is seen once.
std::uint64_t Receiving::ahead_of(std::uint16_t number) {
    const bool undecided = !rollover_ && received_ >= block_number_last;
    if (undecided && received_ == block_number_last) {
        if (number == 0) rollover_ = Rollover::to_zero;
        if (number == 1 && agreement_.windowsize == 1) rollover_ = Rollover::to_one;
    }
    return blocks_ahead(received_, number, rollover_.value_or(Rollover::to_zero));
}

void Receiving::hear_data(const Data& packet, Instant now) {
    if (state_ == State::keeping) return;  // the last acknowledgment says that it is kept
    const std::uint64_t ahead = ahead_of(packet.block);
    if (ahead == 1 && state_ != State::dallying) {
        if (packet.bytes.size() > agreement_.blksize)
            return break_off(ErrorCode::illegal_operation, "a block is longer than was agreed on");
        return take(packet.bytes, now);
    }
    if (ahead == 0 && received_ > 0) {
        // Who asks again may have to ask once more, and waits longer each time.
        if (state_ == State::dallying && dallied_again_++ < dallied_again_max) dally(now);
        return acknowledge(now);
    }
    const bool gap = ahead > 1 && ahead <= agreement_.windowsize;
    if (!gap || gap_told_ || state_ == State::dallying) return;
    gap_told_ = true;
    // The first one is of progress alone.
    if (agreement_.sliding && received_ > acknowledged_) acknowledge(now);
    acknowledge(now);
}

void Receiving::take(Bytes bytes, Instant now) {
    if (asked_at_ && received_ == acknowledged_) retransmission_.measured(now - *asked_at_);
    asked_at_.reset();
    run(now);
    gap_told_ = false;
    if (const std::error_code error = sink_->write(bytes)) return fail(error);
    ++received_;
    bytes_ += bytes.size();
    if (bytes.size() < agreement_.blksize) return finish(now);
    if (received_ - acknowledged_ >= blocks_an_acknowledgment()) {
        acknowledge(now);
        if (!agreement_.sliding) asked_at_ = now;  // else the next one is on its way already
    } else {
        retransmission_.sent(now);
    }
}

void Receiving::finish(Instant now) {
    const std::error_code error = sink_->finish();
    if (error == std::errc::operation_in_progress) {
        state_ = State::keeping;
        return;
    }
    end_well_or(error, now);
}

void Receiving::kept(const std::error_code& error, Instant now) {
    if (state_ == State::keeping) end_well_or(error, now);
}

void Receiving::end_well_or(const std::error_code& error, Instant now) {
    if (error) return fail(error);
    acknowledge(now);
    dally(now);
}

void Receiving::fail(const std::error_code& error) {
    ErrorMessage said = error_for(error);
    break_off(said.code, std::move(said.text));
}

void Receiving::repeat(Instant now) { acknowledge(now); }

void Receiving::acknowledge(Instant now) {
    asked_at_.reset();
    acknowledged_ = received_;
    const auto packet = serialize(Acknowledgment{wire_number(received_, rollover_.value_or(Rollover::to_zero))});
    send(packet);
    retransmission_.sent(now);
}

ErrorMessage error_for(const std::error_code& error) {
    if (error == std::errc::no_such_file_or_directory || error == std::errc::not_a_directory)
        return {ErrorCode::file_not_found, "there is no such file"};
    if (error == std::errc::is_a_directory) return {ErrorCode::access_violation, "it is a folder, not a file"};
    if (error == std::errc::read_only_file_system || error == std::errc::operation_not_permitted)
        return {ErrorCode::access_violation, "nothing may be written here"};
    if (error == std::errc::file_exists) return {ErrorCode::file_already_exists, "the file is there already"};
    if (error == std::errc::no_space_on_device || error == std::errc::file_too_large)
        return {ErrorCode::disk_full, "there is no room for it"};
    if (error == std::error_code(EDQUOT, std::generic_category()))
        return {ErrorCode::disk_full, "there is no room for it"};
    if (error == std::errc::message_size) return {ErrorCode::not_defined, "the file is not as long as was said"};
    if (error == std::errc::permission_denied) return {ErrorCode::access_violation, "it may not be read or written"};
    if (error == std::errc::filename_too_long || error == std::errc::invalid_argument)
        return {ErrorCode::access_violation, "that is no name of a file here"};
    if (error == std::errc::too_many_files_open || error == std::errc::too_many_files_open_in_system)
        return {ErrorCode::not_defined, "too many files are open; try again later"};
    return {ErrorCode::not_defined, "the file cannot be read or written: " + error.message()};
}

}  // namespace strata::application::tftp
