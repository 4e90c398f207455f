// Fragments of four datagrams in any order, over one another, true and false, against a model that
// keeps every octet by itself: both must agree on which datagrams become whole, and of what. And
// the same within small bounds, while time passes: it stays within them.
// links: network
#include <array>
#include <cstdlib>
#include <optional>
#include <vector>

#include "strata/3_network/fragmentation/reassembly.hpp"
#include "tests/support/network.hpp"

namespace {

using namespace strata;
using network::Fragment;
using network::Reassembly;

constexpr std::size_t header_size = 20;

// Two streams that differ in every octet.
std::byte octet(std::size_t place, unsigned stream) { return static_cast<std::byte>(place * 7 + stream); }

struct Piece {
    std::uint8_t datagram = 0;  // 0 to 3
    std::size_t offset = 0;
    std::size_t size = 0;
    bool more = false;
    unsigned stream = 0;
};

// RFC 815 without any of its cleverness.
class Model {
public:
    // What becomes whole with it.
    std::optional<std::vector<std::byte>> add(const Piece& piece) {
        const std::size_t end = piece.offset + piece.size;
        if (piece.size == 0 || (piece.more && piece.size % 8 != 0) || header_size + end > 65535) return std::nullopt;
        Datagram& datagram = datagrams_[piece.datagram];
        if (datagram.abandoned) return std::nullopt;
        if (contradicts(datagram, piece)) {
            datagram.abandoned = true;
            return std::nullopt;
        }
        if (!piece.more) datagram.end = end;
        datagram.octets.resize(std::max(datagram.octets.size(), end));
        for (std::size_t i = piece.offset; i < end; ++i) datagram.octets[i] = octet(i, piece.stream);
        if (!datagram.end) return std::nullopt;
        std::vector<std::byte> whole;
        for (const auto& known : datagram.octets) {
            if (!known) return std::nullopt;
            whole.push_back(*known);
        }
        if (whole.size() != *datagram.end) return std::nullopt;
        datagram = {};
        return whole;
    }

private:
    struct Datagram {
        std::vector<std::optional<std::byte>> octets;
        std::optional<std::size_t> end;
        bool abandoned = false;
    };
    static bool contradicts(const Datagram& datagram, const Piece& piece) {
        const std::size_t end = piece.offset + piece.size;
        if (datagram.end && (end > *datagram.end || (!piece.more && end != *datagram.end))) return true;
        if (!piece.more && datagram.octets.size() > end) return true;
        for (std::size_t i = piece.offset; i < std::min(end, datagram.octets.size()); ++i) {
            if (datagram.octets[i] && *datagram.octets[i] != octet(i, piece.stream)) return true;
        }
        return false;
    }
    std::array<Datagram, 4> datagrams_;
};

struct User final : network::ReassemblyUser {
    void timed_out(Packet first, bool) override {
        if (first.size() <= header_size) std::abort();
    }
};

void check(bool condition) {
    if (!condition) std::abort();
}

std::optional<Reassembly::Whole> add(test::World& world, Reassembly& reassembly, const Piece& piece,
                                     std::uint8_t source) {
    Packet fragment = Packet::make(world.pool, 14, header_size + piece.size);
    std::memset(fragment.extend(header_size), 'h', header_size);
    if (piece.size > 0) {
        std::byte* at = fragment.extend(piece.size);
        for (std::size_t i = 0; i < piece.size; ++i) at[i] = octet(piece.offset + i, piece.stream);
    }
    const Fragment facts{.datagram = {.source = Ipv4Address{10, 0, 0, source}, .identification = piece.datagram},
                         .header_size = header_size,
                         .offset = piece.offset,
                         .more = piece.more};
    return reassembly.add(std::move(fragment), facts);
}

}  // namespace

// The first octet says which of the two; then each four are a fragment.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const bool bounded = (data[0] & 1) != 0;
    test::World world;
    User user;
    network::ReassemblyOptions options{.fragments_max = 100'000};
    if (bounded) {
        options = {.datagrams_max = 3,
                   .memory_max = 24 << 10,
                   .source_datagrams_max = 2,
                   .source_memory_max = 16 << 10,
                   .fragments_max = 4};
    }
    Reassembly reassembly{world.context(), user, options};
    Model model;
    for (std::size_t at = 1; at + 4 <= size; at += 4) {
        const std::uint8_t kind = data[at];
        const Piece piece{.datagram = static_cast<std::uint8_t>(kind & 3),
                          .offset = std::size_t{data[at + 1]} * ((kind & 0x40) != 0 ? 264u : 8u) / 8 * 8,
                          .size = std::size_t{data[at + 2]} * ((kind & 0x10) != 0 ? 8u : 1u),
                          .more = (kind & 4) != 0,
                          .stream = (kind >> 3) & 1u};
        const auto whole = add(world, reassembly, piece, bounded ? data[at + 3] & 3 : 0);
        if (bounded) {
            if ((kind & 0x80) != 0) world.run_for(std::chrono::seconds{data[at + 3]});
            check(reassembly.datagrams() <= options.datagrams_max && reassembly.memory() <= options.memory_max);
            continue;
        }
        const auto expected = model.add(piece);
        check(whole.has_value() == expected.has_value());
        if (!whole) continue;
        std::vector<std::byte> got(whole->packet.size() - header_size);
        whole->packet.copy_to(got, header_size);
        check(got == *expected);
    }
    world.run_for(std::chrono::minutes{2});
    check(reassembly.datagrams() == 0 && reassembly.memory() == 0);
    return 0;
}
