// The IPv4 header (RFC 791 3.1): a checked view over arriving bytes, and the small value a leaving
// packet's is written from.
//
//   | version, size 1 | traffic class 1 | total length 2 | identification 2 | DF, MF, fragment offset 2 |
//   | TTL 1 | protocol 1 | checksum 2 | source 4 | destination 4 | options 0..40 |
//
// Used by Ipv4 in both directions and by Icmp for the packet within an error.
#pragma once

#include "strata/0_foundation/checksum.hpp"
#include "strata/3_network/service.hpp"

namespace strata::network {

class Ipv4HeaderView {
public:
    static constexpr std::size_t size_min = 20;
    static constexpr std::uint16_t flag_dont_fragment = 0x4000;
    static constexpr std::uint16_t flag_more_fragments = 0x2000;
    static constexpr std::uint16_t offset_mask = 0x1fff;

    // Looks at the header alone: whether the packet is as long as it says is for the caller to
    // test. Error::truncated if the bytes end before the header does, Error::malformed if it
    // contradicts itself. The checksum is not tested.
    [[nodiscard]] static Result<Ipv4HeaderView> parse(Bytes bytes) noexcept {
        if (bytes.size() < size_min) return fail(Error::truncated);
        const Ipv4HeaderView view{bytes.data()};
        if (load_u8(bytes.data()) >> 4 != 4 || view.size() < size_min || view.total_length() < view.size()) {
            return fail(Error::malformed);
        }
        if (view.size() > bytes.size()) return fail(Error::truncated);
        return view;
    }
    // How many bytes parse() needs to see, told from the first; at least size_min.
    [[nodiscard]] static std::size_t size_of(std::byte first) noexcept {
        const std::size_t size = std::to_integer<std::size_t>(first & std::byte{0xf}) * 4;
        return size < size_min ? size_min : size;
    }

    [[nodiscard]] std::size_t size() const noexcept { return std::size_t{load_u8(at_) & 0xfu} * 4; }
    [[nodiscard]] std::uint8_t traffic_class() const noexcept { return load_u8(at_ + 1); }
    [[nodiscard]] std::size_t total_length() const noexcept { return load_be16(at_ + 2); }
    [[nodiscard]] std::uint16_t identification() const noexcept { return load_be16(at_ + 4); }
    [[nodiscard]] bool dont_fragment() const noexcept { return (load_be16(at_ + 6) & flag_dont_fragment) != 0; }
    [[nodiscard]] bool more_fragments() const noexcept { return (load_be16(at_ + 6) & flag_more_fragments) != 0; }
    [[nodiscard]] std::size_t fragment_offset() const noexcept {
        return std::size_t{load_be16(at_ + 6) & std::size_t{offset_mask}} * 8;
    }
    [[nodiscard]] bool is_fragment() const noexcept {
        return (load_be16(at_ + 6) & (flag_more_fragments | offset_mask)) != 0;
    }
    [[nodiscard]] std::uint8_t ttl() const noexcept { return load_u8(at_ + 8); }
    [[nodiscard]] Protocol protocol() const noexcept { return static_cast<Protocol>(load_u8(at_ + 9)); }
    [[nodiscard]] Ipv4Address source() const noexcept { return Ipv4Address::load(at_ + 12); }
    [[nodiscard]] Ipv4Address destination() const noexcept { return Ipv4Address::load(at_ + 16); }
    [[nodiscard]] Bytes options() const noexcept { return {at_ + size_min, size() - size_min}; }
    [[nodiscard]] bool checksum_verified() const noexcept;

private:
    explicit Ipv4HeaderView(const std::byte* at) noexcept : at_(at) {}
    const std::byte* at_;
};

namespace detail {

// Sums a header of whole 32-bit words: too short to be worth sum_words()'s call.
[[nodiscard]] inline std::uint16_t sum_ipv4_header(const std::byte* at, std::size_t size) noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < size; i += 4) {
        std::uint32_t word = 0;
        std::memcpy(&word, at + i, sizeof word);
        sum += word;
    }
    return ChecksumSum::fold(sum);
}

}  // namespace detail

inline bool Ipv4HeaderView::checksum_verified() const noexcept {
    return detail::sum_ipv4_header(at_, size()) == 0xffff;
}

// A header as we send it.
struct Ipv4Header {
    std::uint8_t traffic_class = 0;
    std::uint16_t total_length = 0;
    std::uint16_t identification = 0;
    bool dont_fragment = true;
    bool more_fragments = false;
    std::size_t fragment_offset = 0;  // in octets, a multiple of eight
    std::uint8_t ttl = 64;
    Protocol protocol{};
    Ipv4Address source;
    Ipv4Address destination;
    Bytes options = {};  // whole 32-bit words, at most 40 bytes

    // Writes size_min bytes and the options, the checksum among them.
    void write(std::byte* to) const noexcept {
        const std::size_t size = Ipv4HeaderView::size_min + options.size();
        store_u8(to, static_cast<std::uint8_t>(0x40 | size / 4));
        store_u8(to + 1, traffic_class);
        store_be16(to + 2, total_length);
        store_be16(to + 4, identification);
        store_be16(to + 6, flags_and_offset());
        store_u8(to + 8, ttl);
        store_u8(to + 9, static_cast<std::uint8_t>(protocol));
        store_be16(to + 10, 0);
        source.store(to + 12);
        destination.store(to + 16);
        if (!options.empty()) std::memcpy(to + Ipv4HeaderView::size_min, options.data(), options.size());
        const auto sum = static_cast<std::uint16_t>(~detail::sum_ipv4_header(to, size));
        std::memcpy(to + 10, &sum, sizeof sum);
    }
    [[nodiscard]] std::uint16_t flags_and_offset() const noexcept {
        return static_cast<std::uint16_t>((dont_fragment ? Ipv4HeaderView::flag_dont_fragment : 0) |
                                          (more_fragments ? Ipv4HeaderView::flag_more_fragments : 0) |
                                          fragment_offset / 8);
    }
};

// Makes the first fragment's header the whole datagram's: its length, no place in it, its ECN
// codepoint, the checksum. `header`: the whole of it, parsed before.
inline void make_whole(MutableBytes header, std::size_t total_length, std::uint8_t ecn) noexcept {
    std::byte* at = header.data();
    store_u8(at + 1, static_cast<std::uint8_t>((load_u8(at + 1) & 0xfc) | ecn));
    store_be16(at + 2, static_cast<std::uint16_t>(total_length));
    store_be16(at + 6, 0);
    store_be16(at + 10, 0);
    const auto sum = static_cast<std::uint16_t>(~detail::sum_ipv4_header(at, header.size()));
    std::memcpy(at + 10, &sum, sizeof sum);
}

}  // namespace strata::network
