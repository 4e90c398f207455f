// Disposition: what a step of "segment arrives" decides. The
// connection carries it out, counts it and traces it.
#pragma once

#include <cstdint>
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
    CounterOf<Counters> counter = nullptr;  // what counts the segment; null: nothing was lost by it
    std::error_code error = {};

    [[nodiscard]] static Disposition proceed() { return {}; }
    [[nodiscard]] static Disposition done() { return {Kind::done}; }
    [[nodiscard]] static Disposition drop(CounterOf<Counters> counter) { return {Kind::drop, counter}; }
    [[nodiscard]] static Disposition acknowledge_and_drop(CounterOf<Counters> counter) {
        return {Kind::acknowledge_and_drop, counter};
    }
    [[nodiscard]] static Disposition challenge() { return {Kind::challenge}; }
    [[nodiscard]] static Disposition reset_and_drop() { return {Kind::reset_and_drop, &Counters::badAcknowledgments}; }
    [[nodiscard]] static Disposition close(std::error_code error, CounterOf<Counters> counter = nullptr) {
        return {Kind::close, counter, error};
    }
    [[nodiscard]] static Disposition time_wait() { return {Kind::time_wait}; }
};

}  // namespace strata::transport::tcp
