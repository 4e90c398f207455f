// Script: the fuzzer's bytes, read as the arguments of steps. Behind
// its end every argument is zero.
#pragma once

#include <algorithm>
#include <span>

#include "strata/0_foundation/bytes.hpp"

namespace strata::fuzz {

class Script {
public:
    Script(const std::uint8_t* data, std::size_t size) : rest_(std::as_bytes(std::span(data, size))) {}
    [[nodiscard]] bool over() const { return rest_.empty(); }
    std::uint8_t byte() {
        const Bytes taken = bytes(1);
        return taken.empty() ? std::uint8_t{0} : load_u8(taken.data());
    }
    std::uint16_t word() {
        const std::uint8_t first = byte();
        return static_cast<std::uint16_t>(first << 8 | byte());
    }
    // A small step forward or back.
    std::uint32_t shift() { return static_cast<std::uint32_t>(static_cast<std::int8_t>(byte())); }
    Bytes bytes(std::size_t count) {
        const Bytes taken = rest_.first(std::min(count, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }

private:
    Bytes rest_;
};

}  // namespace strata::fuzz
