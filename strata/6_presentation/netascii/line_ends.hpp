// Line ends as FTP's type A has them (RFC 959 3.1.1.1): CR LF on the wire, LF on this machine.
//
// Of netascii (netascii.hpp) it is what every FTP client and server does: a CR that ends no line is
// itself, and a file whose lines end with CR LF already travels as it is. Both work a piece at a
// time. Called by ftp.
#pragma once

#include <vector>

#include "strata/0_foundation/bytes.hpp"

namespace strata::presentation {

class LineEndsEncoder {
public:
    // Adds to `to` what the text is on the wire: at most twice as much.
    void encode(Bytes text, std::vector<std::byte>& to);

private:
    bool cr_ = false;  // was the latest byte
};

class LineEndsDecoder {
public:
    // Adds to `to` what is certain so far: a CR waits for what follows.
    void decode(Bytes wire, std::vector<std::byte>& to);
    // The end: a CR that still waits is one.
    void finish(std::vector<std::byte>& to);

private:
    bool cr_ = false;  // was the latest byte, and waits
};

}  // namespace strata::presentation
