// Disposition: what a room of "segment arrives" decides. The connection carries it out, counts it and traces it.
#pragma once

#include <cstdint>
#include <string_view>
#include <system_error>

#include "strata/4_transport/tcp/counters.hpp"

namespace strata::transport::tcp {

struct Disposition {
    enum class Kind : std::uint8_t {
        proceed,               // to the next step
        done,                  // all that there was to do is done
        drop,                  // silently
        acknowledge_and_drop,  // <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>
        challenge,             // the same as a challenge ACK, rate limited (RFC 5961)
        reset_and_drop,        // <SEQ=SEG.ACK><CTL=RST>, this connection stays as it is
        close,                 // the connection is over, with `error`
        time_wait,             // the connection is over for the user; its address pair rests
    };
    Kind kind = Kind::proceed;
    std::uint64_t Counters::* counter = nullptr;  // what counts the drop
    std::string_view reason = {};
    std::error_code error = {};

    [[nodiscard]] static Disposition proceed() { return {}; }
    [[nodiscard]] static Disposition done() { return {Kind::done}; }
    [[nodiscard]] static Disposition drop(std::uint64_t Counters::* counter, std::string_view reason) {
        return {Kind::drop, counter, reason};
    }
    [[nodiscard]] static Disposition acknowledge_and_drop(std::uint64_t Counters::* counter, std::string_view reason) {
        return {Kind::acknowledge_and_drop, counter, reason};
    }
    [[nodiscard]] static Disposition challenge(std::string_view reason) { return {Kind::challenge, nullptr, reason}; }
    [[nodiscard]] static Disposition reset_and_drop(std::string_view reason) {
        return {Kind::reset_and_drop, &Counters::badAcknowledgments, reason};
    }
    [[nodiscard]] static Disposition close(std::error_code error, std::string_view reason) {
        return {Kind::close, nullptr, reason, error};
    }
    [[nodiscard]] static Disposition time_wait() { return {Kind::time_wait}; }
};

}  // namespace strata::transport::tcp
