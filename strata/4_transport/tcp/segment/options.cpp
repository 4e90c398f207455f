#include "strata/4_transport/tcp/segment/options.hpp"

#include <algorithm>

namespace strata::transport::tcp {
namespace {

enum Kind : std::uint8_t {
    end_of_list = 0,
    no_operation = 1,
    mss = 2,
    scale = 3,
    sack_allowed = 4,
    sack_list = 5,
    stamps = 8
};

constexpr std::size_t timestamps_size = 10;
constexpr std::size_t sack_block_size = 8;
// NOP NOP kind length: the layout RFC 7323 appendix A recommends, which nearly every segment has.
constexpr std::uint32_t usual_timestamps = 0x0101080a;

Timestamps load_timestamps(const std::byte* from) noexcept { return {load_be32(from), load_be32(from + 4)}; }

void parse_one(SegmentOptions& options, std::uint8_t kind, Bytes value) noexcept {
    switch (kind) {
        case mss:
            if (value.size() == 2) options.maximum_segment_size = load_be16(value.data());
            break;
        case scale:
            // RFC 7323 2.3: a shift above 14 is used as 14.
            if (value.size() == 1) options.window_scale = std::min<std::uint8_t>(load_u8(value.data()), 14);
            break;
        case sack_allowed:
            if (value.empty()) options.sack_permitted = true;
            break;
        case sack_list:
            for (; value.size() >= sack_block_size; value = value.subspan(sack_block_size)) {
                options.sack.push_back(
                    {SequenceNumber{load_be32(value.data())}, SequenceNumber{load_be32(value.data() + 4)}});
            }
            break;
        case stamps:
            if (value.size() == 8) options.timestamps = load_timestamps(value.data());
            break;
        default: break;
    }
}

}  // namespace

SegmentOptions SegmentOptions::parse(Bytes bytes) noexcept {
    SegmentOptions options;
    if (bytes.size() == timestamps_size + 2 && load_be32(bytes.data()) == usual_timestamps) {
        options.timestamps = load_timestamps(bytes.data() + 4);
        return options;
    }
    while (!bytes.empty()) {
        const std::uint8_t kind = load_u8(bytes.data());
        if (kind == end_of_list) break;
        if (kind == no_operation) {
            bytes = bytes.subspan(1);
            continue;
        }
        if (bytes.size() < 2) break;
        const std::size_t length = load_u8(bytes.data() + 1);
        if (length < 2 || length > bytes.size()) break;
        parse_one(options, kind, bytes.subspan(2, length - 2));
        bytes = bytes.subspan(length);
    }
    return options;
}

std::size_t SegmentOptions::size() const noexcept {
    std::size_t size = 0;
    if (maximum_segment_size) size += 4;
    if (window_scale) size += 4;
    if (sack_permitted) size += timestamps ? 0 : 4;  // takes the place of the two NOPs before the timestamps
    if (timestamps) size += timestamps_size + 2;
    if (!sack.empty()) size += 4 + sack_block_size * sack.size();
    return size;
}

void SegmentOptions::write(std::byte* to) const noexcept {
    if (maximum_segment_size) {
        store_be32(to, std::uint32_t{mss} << 24 | 4u << 16 | *maximum_segment_size);
        to += 4;
    }
    if (window_scale) {
        store_be32(to, std::uint32_t{no_operation} << 24 | std::uint32_t{scale} << 16 | 3u << 8 | *window_scale);
        to += 4;
    }
    const std::uint32_t permitted = std::uint32_t{sack_allowed} << 8 | 2u;
    if (timestamps) {
        store_be32(to, sack_permitted ? permitted << 16 | (usual_timestamps & 0xffff) : usual_timestamps);
        store_be32(to + 4, timestamps->value);
        store_be32(to + 8, timestamps->echo);
        to += timestamps_size + 2;
    } else if (sack_permitted) {
        store_be32(to, std::uint32_t{no_operation} << 24 | std::uint32_t{no_operation} << 16 | permitted);
        to += 4;
    }
    if (!sack.empty()) {
        const auto length = static_cast<std::uint32_t>(2 + sack_block_size * sack.size());
        store_be32(to, std::uint32_t{no_operation} << 24 | std::uint32_t{no_operation} << 16 |
                           std::uint32_t{sack_list} << 8 | length);
        to += 4;
        for (const SequenceRange& block : sack) {
            store_be32(to, block.begin.value());
            store_be32(to + 4, block.end.value());
            to += sack_block_size;
        }
    }
}

}  // namespace strata::transport::tcp
