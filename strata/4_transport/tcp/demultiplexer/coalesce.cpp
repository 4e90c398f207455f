#include "strata/4_transport/tcp/demultiplexer/coalesce.hpp"

#include <algorithm>

#include "strata/0_foundation/header_offsets.hpp"

namespace strata::transport::tcp {
namespace {

bool same(Bytes a, const std::byte* b, std::size_t from, std::size_t count) noexcept {
    return std::memcmp(a.data() + from, b + from, count) == 0;
}

}  // namespace

bool Coalescer::may_merge(Bytes header, std::size_t payload) noexcept {
    const auto control = ControlBits::of_byte(load_u8(header.data() + tcp_offsets::control_bits));
    return payload > 0 && control.without(ControlBits::psh) == ControlBits::ack;
}

bool Coalescer::merge(Packet& packet, Bytes header, const network::Arrival& arrival) {
    if (!holding_ || header.size() != header_size_) return false;
    const std::size_t payload = packet.size() - header.size();
    if (SequenceNumber{load_be32(header.data() + tcp_offsets::sequence)} != next_ || !may_merge(header, payload))
        return false;
    const bool matches =
        same(header, header_.data(), 0, 4) && same(header, header_.data(), tcp_offsets::acknowledgment, 5) &&
        same(header, header_.data(), tcp_offsets::window, 2) &&
        same(header, header_.data(), tcp_offsets::options, header_size_ - tcp_offsets::options) &&
        arrival.source == pending_.id.remote.address && arrival.destination == pending_.id.local.address;
    Segment& segment = pending_.segment;
    if (!matches || segment.payload.size() + payload > payload_max) return false;
    segment.control.set(ControlBits::of_byte(load_u8(header.data() + tcp_offsets::control_bits)));
    packet.trim(header.size());
    packet.take_slices([&](Slice slice) { segment.payload.append(std::move(slice)); });
    next_ += static_cast<std::uint32_t>(payload);
    ++segment.count;
    return true;
}

void Coalescer::hold(Arriving arriving, Bytes header) {
    std::ranges::copy(header, header_.begin());
    header_size_ = header.size();
    pending_ = std::move(arriving);
    next_ = pending_.segment.seq + static_cast<std::uint32_t>(pending_.segment.payload.size());
    holding_ = true;
}

}  // namespace strata::transport::tcp
