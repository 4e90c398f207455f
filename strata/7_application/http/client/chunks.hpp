// The chunked coding (RFC 9112 7.1), removed in place. Lines may end in LF alone, as
// some servers write them.
#pragma once

#include <cstdint>

#include "strata/0_foundation/bytes.hpp"

namespace strata::application::http {

class Chunks {
public:
    // What is coded becomes what is meant, at the front of the same bytes; returns how much that
    // is. Bytes behind the end are nobody's.
    [[nodiscard]] std::size_t take_off(MutableBytes bytes);
    // The last chunk and what follows it have come.
    [[nodiscard]] bool is_done() const noexcept { return state_ == State::done; }
    // This is not the chunked coding.
    [[nodiscard]] bool is_broken() const noexcept { return state_ == State::broken; }

    // Behind a size, and behind the last chunk: more bytes than this are no extensions and no
    // trailers that anybody means.
    static constexpr std::size_t ignored_max = 64 << 10;

private:
    enum class State : std::uint8_t {
        size_begin,
        size,
        extension,
        data,
        data_end,
        trailer_begin,
        trailer,
        done,
        broken
    };
    void take(char letter);
    void end_of_size();

    State state_ = State::size_begin;
    std::uint64_t left_ = 0;  // of the chunk
    std::size_t ignored_ = 0;
};

}  // namespace strata::application::http
