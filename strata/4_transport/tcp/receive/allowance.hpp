// How much a connection may keep for its reader: it grows with what the user reads, and shrinks
// when the memory of all is short.
#pragma once

#include <algorithm>
#include <cstddef>

namespace strata::transport::tcp {

class ReceiveAllowance {
public:
    ReceiveAllowance(std::size_t initial, std::size_t max) noexcept : bytes_(std::min(initial, max)), max_(max) {}
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    // A user who reads is worth a larger window.
    void read(std::size_t count) noexcept { bytes_ = std::min(bytes_ + count, max_); }
    // What was earned is taken back; what was promised stays promised, see
    // ReceiveSequenceSpace::promise().
    void shrink_to(std::size_t floor) noexcept { bytes_ = std::min(bytes_, floor); }

private:
    std::size_t bytes_;
    std::size_t max_;
};

}  // namespace strata::transport::tcp
