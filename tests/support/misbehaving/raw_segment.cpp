#include "tests/support/misbehaving/raw_segment.hpp"

#include <algorithm>

#include "strata/0_foundation/checksum.hpp"
#include "strata/2_link/ethernet/header.hpp"
#include "strata/3_network/service.hpp"
#include "strata/4_transport/segment_checksum.hpp"

namespace strata::test {
namespace {

constexpr std::size_t ip_size = 20;
constexpr std::byte protocol_tcp{6};

}  // namespace

std::optional<RawSegment> read_segment(Bytes segment) {
    const auto header = tcp::HeaderView::of(segment);
    if (!header) return std::nullopt;
    RawSegment read;
    read.source.port = header->source_port();
    read.destination.port = header->destination_port();
    read.seq = header->sequence();
    read.ack = header->acknowledgment();
    read.control = header->control_bits();
    read.wnd = header->window();
    read.options = tcp::SegmentOptions::parse(header->options());
    read.payload = segment.subspan(header->size());
    return read;
}

std::optional<RawSegment> read_frame(Bytes frame) {
    const auto ethernet = link::EthernetHeader::parse(frame);
    if (!ethernet || ethernet->type != link::EtherType::ipv4) return std::nullopt;
    const Bytes ip = frame.subspan(link::EthernetHeader::size);
    if (ip.size() < ip_size || ip[9] != protocol_tcp) return std::nullopt;
    // Short frames are padded: the packet says how long it is.
    const std::size_t size = std::min<std::size_t>(load_be16(ip.data() + 2), ip.size());
    if (size < ip_size) return std::nullopt;
    auto read = read_segment(ip.first(size).subspan(ip_size));
    if (!read) return std::nullopt;
    read->source.address = Ipv4Address::load(ip.data() + 12);
    read->destination.address = Ipv4Address::load(ip.data() + 16);
    return read;
}

Bytes flattened(const Packet& packet, std::vector<std::byte>& memory) {
    memory.resize(packet.size());
    packet.copy_to(memory);
    return memory;
}

std::vector<std::byte> frame_of(const RawSegment& segment, MacAddress from, MacAddress to) {
    const std::size_t header_size = tcp::HeaderView::size_min + segment.options.size();
    const std::size_t size = header_size + segment.payload.size();
    std::vector<std::byte> frame(link::EthernetHeader::size + ip_size + size);
    link::EthernetHeader{to, from, link::EtherType::ipv4}.write(frame.data());

    std::byte* ip = frame.data() + link::EthernetHeader::size;
    store_u8(ip, 0x45);
    store_be16(ip + 2, static_cast<std::uint16_t>(ip_size + size));
    store_u8(ip + 8, 64);
    ip[9] = protocol_tcp;
    segment.source.address.v4().store(ip + 12);
    segment.destination.address.v4().store(ip + 16);
    store_be16(ip + 10, internet_checksum(Bytes(ip, ip_size)));

    std::byte* header = ip + ip_size;
    tcp::HeaderFields{.source_port = segment.source.port,
                      .destination_port = segment.destination.port,
                      .seq = segment.seq,
                      .ack = segment.ack,
                      .control = segment.control,
                      .wnd = segment.wnd}
        .write(header, header_size);
    segment.options.write(header + tcp::HeaderView::size_min);
    std::ranges::copy(segment.payload, header + header_size);
    ChecksumSum sum;
    sum.add_sum(transport::pseudo_header_sum(segment.source.address, segment.destination.address,
                                             network::Protocol::tcp, size));
    sum.add(Bytes(header, size));
    store_be16(header + tcp::HeaderView::checksum_field, sum.checksum());
    return frame;
}

}  // namespace strata::test
