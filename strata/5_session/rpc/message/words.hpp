// The 32-bit words of an RPC header, as RFC 5531 writes them in XDR. Floor 5 reads them itself:
// XDR is above it, and gives arguments and results their form.
#pragma once

#include <cstdint>
#include <vector>

#include "strata/0_foundation/bytes.hpp"

namespace strata::session::rpc {

// Takes words off a message. Once it was too short everything is 0, or empty.
class Words {
public:
    explicit Words(Bytes message) noexcept : rest_(message) {}
    [[nodiscard]] std::uint32_t word() noexcept {
        if (rest_.size() < 4) return fail();
        const std::uint32_t value = load_be32(rest_.data());
        rest_ = rest_.subspan(4);
        return value;
    }
    // So many bytes, and what fills them up to a multiple of four.
    [[nodiscard]] Bytes opaque(std::uint32_t size) noexcept {
        const std::size_t padded = (std::size_t{size} + 3) / 4 * 4;
        if (rest_.size() < padded) {
            fail();
            return {};
        }
        const Bytes bytes = rest_.first(size);
        rest_ = rest_.subspan(padded);
        return bytes;
    }
    [[nodiscard]] Bytes rest() const noexcept { return rest_; }
    [[nodiscard]] bool ok() const noexcept { return ok_; }

private:
    std::uint32_t fail() noexcept {
        ok_ = false;
        rest_ = {};
        return 0;
    }
    Bytes rest_;
    bool ok_ = true;
};

inline void append_word(std::vector<std::byte>& to, std::uint32_t value) {
    to.resize(to.size() + 4);
    store_be32(to.data() + to.size() - 4, value);
}

// With its length before it, and zeros behind it.
inline void append_opaque(std::vector<std::byte>& to, Bytes bytes) {
    append_word(to, static_cast<std::uint32_t>(bytes.size()));
    to.insert(to.end(), bytes.begin(), bytes.end());
    to.resize((to.size() + 3) / 4 * 4);
}

}  // namespace strata::session::rpc
