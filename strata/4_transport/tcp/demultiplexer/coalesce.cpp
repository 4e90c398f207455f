#include "strata/4_transport/tcp/demultiplexer/coalesce.hpp"

#include <algorithm>

namespace strata::transport::tcp {
namespace {

constexpr std::size_t sequence_at = 4, acknowledgment_at = 8, control_at = 13, window_at = 14, options_at = 20;

bool same(Bytes a, const std::byte* b, std::size_t from, std::size_t count) noexcept {
    return std::memcmp(a.data() + from, b + from, count) == 0;
}

}  // namespace

bool Coalescer::may_merge(Bytes header, std::size_t text) noexcept {
    const std::uint8_t control = load_u8(header.data() + control_at);
    return text > 0 && (control & ~ControlBits::psh) == ControlBits::ack;
}

bool Coalescer::merge(Packet& packet, Bytes header, const network::Arrival& arrival) {
    if (!holding_ || header.size() != header_size_) return false;
    const std::size_t text = packet.size() - header.size();
    if (SequenceNumber{load_be32(header.data() + sequence_at)} != next_ || !may_merge(header, text)) return false;
    const bool matches = same(header, header_.data(), 0, 4) && same(header, header_.data(), acknowledgment_at, 5) &&
                         same(header, header_.data(), window_at, 2) &&
                         same(header, header_.data(), options_at, header_size_ - options_at) &&
                         arrival.source == pending_.id.remote.address &&
                         arrival.destination == pending_.id.local.address;
    Segment& segment = pending_.segment;
    if (!matches || segment.text.size() + text > text_max) return false;
    segment.control |= load_u8(header.data() + control_at);
    packet.trim(header.size());
    packet.take_slices([&](Slice slice) { segment.text.append(std::move(slice)); });
    next_ += static_cast<std::uint32_t>(text);
    ++segment.count;
    return true;
}

void Coalescer::hold(Arriving arriving, Bytes header) {
    std::ranges::copy(header, header_.begin());
    header_size_ = header.size();
    pending_ = std::move(arriving);
    next_ = pending_.segment.seq + static_cast<std::uint32_t>(pending_.segment.text.size());
    holding_ = true;
}

}  // namespace strata::transport::tcp
