#include "strata/0_foundation/siphash.hpp"

#include <bit>

namespace strata {
namespace {

struct State {
    std::uint64_t v0, v1, v2, v3;
    void round() noexcept {
        v0 += v1, v1 = std::rotl(v1, 13), v1 ^= v0, v0 = std::rotl(v0, 32);
        v2 += v3, v3 = std::rotl(v3, 16), v3 ^= v2;
        v0 += v3, v3 = std::rotl(v3, 21), v3 ^= v0;
        v2 += v1, v1 = std::rotl(v1, 17), v1 ^= v2, v2 = std::rotl(v2, 32);
    }
    void absorb(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

}  // namespace

std::uint64_t siphash(const SipKey& key, Bytes message) noexcept {
    State state{key.words[0] ^ 0x736f6d6570736575, key.words[1] ^ 0x646f72616e646f6d, key.words[0] ^ 0x6c7967656e657261,
                key.words[1] ^ 0x7465646279746573};
    std::uint64_t last = std::uint64_t{message.size()} << 56;
    while (message.size() >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, message.data(), 8);
        state.absorb(word);
        message = message.subspan(8);
    }
    for (std::size_t i = 0; i < message.size(); ++i) {
        last |= std::to_integer<std::uint64_t>(message[i]) << (8 * i);
    }
    state.absorb(last);
    state.v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace strata
