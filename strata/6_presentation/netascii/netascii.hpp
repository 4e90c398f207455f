// Netascii: text as it travels (RFC 764, as RFC 1350 and RFC 959 use it): a line ends with CR LF,
// and a CR that ends none is CR NUL. On this machine a line ends with LF.
//
//     "a\nb\rc"  ──encode──▶  "a" CR LF "b" CR NUL "c"  ──decode──▶  "a\nb\rc"
//
// Both work a piece at a time: a pair may be cut between two blocks. Called by tftp.
#pragma once

#include <optional>
#include <vector>

#include "strata/0_foundation/bytes.hpp"

namespace strata::presentation {

// A copy goes on from where the one it was made of was.
class NetasciiEncoder {
public:
    struct Step {
        std::size_t read = 0;     // bytes of the text that were taken
        std::size_t written = 0;  // bytes of netascii that were made
    };
    // Takes as much of the text as fits, in its netascii form, into `to`. What is made of one byte
    // may be cut: its second half comes first the next time.
    [[nodiscard]] Step encode(Bytes text, MutableBytes to);
    // The second half of a pair waits for room.
    [[nodiscard]] bool has_more() const noexcept { return second_.has_value(); }

private:
    std::optional<std::byte> second_;
};

class NetasciiDecoder {
public:
    // Adds to `to` what is certain so far: at most one byte more than there were in `netascii`. A
    // CR waits for what follows; one that is followed by neither LF nor NUL, and an LF without CR,
    // are what senders mean by them: themselves.
    void decode(Bytes netascii, std::vector<std::byte>& to);
    // The end: a CR that still waits is one.
    void finish(std::vector<std::byte>& to);

private:
    bool cr_ = false;  // was the latest byte
};

}  // namespace strata::presentation
