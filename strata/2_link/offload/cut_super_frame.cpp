#include "strata/2_link/offload/cut_super_frame.hpp"

#include <algorithm>

#include "strata/0_foundation/checksum.hpp"
#include "strata/0_foundation/header_offsets.hpp"

namespace strata::link {
namespace {

constexpr std::uint16_t tcp_protocol = 6;

constexpr std::uint16_t flag_fin = 0x01;
constexpr std::uint16_t flag_psh = 0x08;
constexpr std::uint16_t flag_cwr = 0x80;

// The headers all frames of one super-frame share, read once.
struct Template {
    Bytes headers;       // Ethernet, IP, TCP
    std::size_t ip = 0;  // where they begin
    std::size_t tcp = 0;
    std::uint16_t identification = 0;
    std::uint32_t sequence = 0;
    std::uint16_t offset_and_flags = 0;
    std::uint16_t ip_sum = 0;      // of the IP header without length, identification, checksum
    std::uint16_t tcp_sum = 0;     // of the TCP header without sequence number, flags, checksum
    std::uint16_t pseudo_sum = 0;  // without the length

    [[nodiscard]] static Result<Template> of(const Packet& super) noexcept;
    [[nodiscard]] std::size_t tcp_size() const noexcept { return headers.size() - tcp; }
    [[nodiscard]] std::size_t ip_size() const noexcept { return tcp - ip; }
    void take_sums() noexcept;
};

Result<Template> Template::of(const Packet& super) noexcept {
    Template base;
    const Bytes front = super.front();
    base.ip = super.network_header();
    base.tcp = super.transport_header();
    if (base.ip >= front.size() || base.tcp >= front.size()) return fail(Error::malformed);
    if (base.tcp < base.ip + ipv4_offsets::header_min || front.size() < base.tcp + tcp_offsets::header_min)
        return fail(Error::malformed);
    const std::size_t tcp_size = tcp_offsets::header_size(load_u8(front.data() + base.tcp + tcp_offsets::data_offset));
    if (tcp_size < tcp_offsets::header_min || base.tcp + tcp_size > front.size()) return fail(Error::malformed);
    base.headers = front.first(base.tcp + tcp_size);
    base.identification = load_be16(front.data() + base.ip + ipv4_offsets::identification);
    base.sequence = load_be32(front.data() + base.tcp + tcp_offsets::sequence);
    base.offset_and_flags = load_be16(front.data() + base.tcp + tcp_offsets::data_offset);
    base.take_sums();
    return base;
}

void Template::take_sums() noexcept {
    const Bytes ip_header = headers.subspan(ip, ip_size());
    ChecksumSum sum;
    sum.add(ip_header.first(ipv4_offsets::length));
    sum.add(
        ip_header.subspan(ipv4_offsets::identification + 2, ipv4_offsets::checksum - ipv4_offsets::identification - 2));
    sum.add(ip_header.subspan(ipv4_offsets::checksum + 2));
    ip_sum = sum.sum();

    const Bytes tcp_header = headers.subspan(tcp);
    sum = {};
    sum.add(tcp_header.first(tcp_offsets::sequence));
    sum.add(tcp_header.subspan(tcp_offsets::sequence + 4, tcp_offsets::data_offset - tcp_offsets::sequence - 4));
    sum.add(tcp_header.subspan(tcp_offsets::data_offset + 2, tcp_offsets::checksum - tcp_offsets::data_offset - 2));
    sum.add(tcp_header.subspan(tcp_offsets::checksum + 2));
    tcp_sum = sum.sum();

    sum = {};
    sum.add(ip_header.subspan(ipv4_offsets::addresses, ipv4_offsets::addresses_size));  // source and destination
    sum.add_be16(tcp_protocol);
    pseudo_sum = sum.sum();
}

// One frame's place in the super-frame's payload.
struct Cut {
    std::size_t offset = 0;
    std::size_t count = 0;
    std::uint16_t index = 0;
    bool last = false;
};

// FIN and PSH belong to the last byte, so to the last frame; CWR answers one ECN echo, so only the
// first may say it (RFC 3168 6.1.2).
std::uint16_t flags_of(const Template& base, const Cut& cut) noexcept {
    std::uint16_t field = base.offset_and_flags;
    if (!cut.last) field = static_cast<std::uint16_t>(field & ~(flag_fin | flag_psh));
    if (cut.index != 0) field = static_cast<std::uint16_t>(field & ~flag_cwr);
    return field;
}

void write_ip_fields(const Template& base, const Cut& cut, std::byte* header) noexcept {
    const auto length = static_cast<std::uint16_t>(base.headers.size() - base.ip + cut.count);
    const auto identification = static_cast<std::uint16_t>(base.identification + cut.index);
    store_be16(header + ipv4_offsets::length, length);
    store_be16(header + ipv4_offsets::identification, identification);
    ChecksumSum sum{base.ip_sum};
    sum.add_be16(length);
    sum.add_be16(identification);
    store_be16(header + ipv4_offsets::checksum, sum.checksum());
}

void write_tcp_fields(const Template& base, const Cut& cut, bool complete, const Packet& frame, std::byte* header) {
    const auto sequence = static_cast<std::uint32_t>(base.sequence + cut.offset);
    const std::uint16_t flags = flags_of(base, cut);
    store_be32(header + tcp_offsets::sequence, sequence);
    store_be16(header + tcp_offsets::data_offset, flags);
    ChecksumSum sum{base.pseudo_sum};
    sum.add_be16(static_cast<std::uint16_t>(base.tcp_size() + cut.count));
    if (complete) {
        sum.add_sum(base.tcp_sum);
        sum.add_be32(sequence);
        sum.add_be16(flags);
        for (const Slice& slice : frame.rest()) sum.add(slice.bytes());
        store_be16(header + tcp_offsets::checksum, sum.checksum());
    } else {
        const std::uint16_t partial = sum.sum();  // in memory order, as ChecksumState::partial wants it
        std::memcpy(header + tcp_offsets::checksum, &partial, sizeof partial);
    }
}

Packet make_frame(const Packet& super, const Template& base, const Cut& cut, bool complete) {
    Packet frame = super.part(base.headers.size() + cut.offset, cut.count, base.headers.size(), 0);
    frame.push(base.tcp_size());
    frame.mark_transport_header(tcp_offsets::checksum);
    frame.push(base.ip_size());
    frame.mark_network_header();
    std::byte* front = frame.push(base.ip);
    std::memcpy(front, base.headers.data(), base.headers.size());
    write_ip_fields(base, cut, front + base.ip);
    write_tcp_fields(base, cut, complete, frame, front + base.tcp);
    frame.set_checksum_state(complete ? ChecksumState::unknown : ChecksumState::partial);
    return frame;
}

}  // namespace

std::error_code cut_super_frame(const Packet& super, bool complete_checksums, std::vector<Packet>& frames) {
    if (super.segmentation() != Segmentation::tcp_ipv4) return Error::not_supported;
    const auto base = Template::of(super);
    if (!base || super.segment_size() == 0) return Error::malformed;
    const std::size_t payload = super.size() - base->headers.size();
    const std::size_t size = super.segment_size();
    Cut cut;
    do {
        cut.count = std::min(size, payload - cut.offset);
        cut.last = cut.offset + cut.count == payload;
        frames.push_back(make_frame(super, *base, cut, complete_checksums));
        cut.offset += cut.count;
        ++cut.index;
    } while (!cut.last);
    return {};
}

}  // namespace strata::link
