#include "strata/1_physical/device/vnet_header.hpp"

#include "strata/0_foundation/header_offsets.hpp"

namespace strata::physical {
namespace {

// Places the kernel needs to know: the TCP header's own size says where the payload begins.
std::size_t headers_of(const Packet& frame) noexcept {
    const std::size_t start = frame.transport_header();
    const Bytes front = frame.front();
    if (start + tcp_offsets::data_offset >= front.size()) return start;
    return start + tcp_offsets::header_size(load_u8(front.data() + start + tcp_offsets::data_offset));
}

Segmentation segmentation_of(std::uint8_t kind) noexcept {
    switch (kind & ~VnetHeader::ecn) {
        case VnetHeader::tcp_ipv4: return Segmentation::tcp_ipv4;
        case VnetHeader::tcp_ipv6: return Segmentation::tcp_ipv6;
        default: return Segmentation::none;
    }
}

}  // namespace

VnetHeader vnet_header_of(const Packet& frame) noexcept {
    VnetHeader header{};
    if (frame.checksum_state() == ChecksumState::partial) {
        header.flags = VnetHeader::needs_checksum;
        header.checksum_start = static_cast<std::uint16_t>(frame.transport_header());
        header.checksum_offset = static_cast<std::uint16_t>(frame.checksum_field());
    }
    if (frame.segmentation() != Segmentation::none) {
        const bool ipv4 = frame.segmentation() == Segmentation::tcp_ipv4;
        header.segmentation = ipv4 ? VnetHeader::tcp_ipv4 : VnetHeader::tcp_ipv6;
        header.segment_size = static_cast<std::uint16_t>(frame.segment_size());
        header.headers_size = static_cast<std::uint16_t>(headers_of(frame));
    }
    return header;
}

bool apply_vnet_header(const VnetHeader& header, Packet& frame) noexcept {
    const Segmentation segmentation = segmentation_of(header.segmentation);
    if (segmentation == Segmentation::none && header.segmentation != 0) return false;
    if ((header.flags & VnetHeader::needs_checksum) != 0) {
        if (std::size_t{header.checksum_start} + header.checksum_offset + 2 > frame.front().size()) return false;
        // The field holds the pseudo-header's sum: still to be completed, as we say it too.
        frame.trim(header.checksum_start);
        frame.mark_transport_header(header.checksum_offset);
        frame.push(header.checksum_start);
        frame.set_checksum_state(ChecksumState::partial);
    } else if ((header.flags & VnetHeader::data_valid) != 0) {
        frame.set_checksum_state(ChecksumState::verified);
    }
    frame.set_segmentation(segmentation, header.segment_size);
    return true;
}

}  // namespace strata::physical
