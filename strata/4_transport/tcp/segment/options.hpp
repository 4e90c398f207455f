// TCP options: maximum segment size (RFC 9293 3.2), window scale and
// timestamps (RFC 7323), SACK (RFC 2018).
//
// parse() skips what it does not know and stops at a length that cannot be (MUST-7: never loop,
// never read past the end); write() lays out options padded to 32 bits.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "strata/0_foundation/bytes.hpp"
#include "strata/4_transport/tcp/segment/sequence_number.hpp"

namespace strata::transport::tcp {

// RFC 7323 3: the sender's clock, and the echo of the receiver's.
struct Timestamps {
    std::uint32_t value = 0;
    std::uint32_t echo = 0;
    constexpr bool operator==(const Timestamps&) const = default;
};

// At most four blocks fit into 40 bytes of options, three beside timestamps.
class SackBlocks {
public:
    static constexpr std::size_t capacity = 4;
    void push_back(SequenceRange block) noexcept {
        if (count_ < capacity) blocks_[count_++] = block;
    }
    void clear() noexcept { count_ = 0; }
    void limit(std::size_t count) noexcept { count_ = static_cast<std::uint8_t>(count < count_ ? count : count_); }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] const SequenceRange* begin() const noexcept { return blocks_.data(); }
    [[nodiscard]] const SequenceRange* end() const noexcept { return blocks_.data() + count_; }

private:
    std::array<SequenceRange, capacity> blocks_{};
    std::uint8_t count_ = 0;
};

// The MSS of a peer whose SYN does not say (RFC 9293 3.7.1, MUST-15).
inline constexpr std::uint16_t mss_default = 536;

struct SegmentOptions {
    std::optional<std::uint16_t> maximum_segment_size;  // only with SYN
    std::optional<std::uint8_t> window_scale;           // only with SYN
    bool sack_permitted = false;                        // only with SYN
    std::optional<Timestamps> timestamps;
    SackBlocks sack;

    static constexpr std::size_t size_max = 40;
    // Bytes that write() will use, a multiple of 4. At most 40 if
    // sack holds no more blocks than fit.
    [[nodiscard]] std::size_t size() const noexcept;
    void write(std::byte* to) const noexcept;
    [[nodiscard]] static SegmentOptions parse(Bytes bytes) noexcept;
};

}  // namespace strata::transport::tcp
