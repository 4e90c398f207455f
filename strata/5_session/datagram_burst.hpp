// DatagramBurst: room for datagrams that are received together, and what came.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "strata/0_foundation/bytes.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/0_foundation/time.hpp"
#include "strata/5_session/address.hpp"

namespace strata::session {

// Of so many places, each with room for what is received in one piece: one datagram, or several of
// one sender's that the kernel has put together. The room is the system's until it is used.
class DatagramBurst {
public:
    static constexpr std::size_t place_size = ip_packet_max + 1;  // 64 KiB

    explicit DatagramBurst(std::size_t places)
        : places_(std::max<std::size_t>(places, 1)),
          room_(std::make_unique_for_overwrite<std::byte[]>(places_ * place_size)) {
        pieces_.reserve(places_);
    }

    // For who waits for nothing else: a receive looks for so long whether something comes before it
    // has itself woken, where that is a matter of two processors, and as long as it pays.
    void be_eager(Duration patience) noexcept { eagerness_ = patience; }

    // Calls each(Bytes datagram, const Address& from) for what came, in its order. The bytes are
    // there until the next operation.
    template <typename Each>
    void for_each(Each&& each) const {
        for (const Piece& piece : pieces_) {
            for (std::size_t at = 0; at == 0 || at < piece.bytes.size(); at += piece.each)
                each(piece.bytes.subspan(at, std::min(piece.each, piece.bytes.size() - at)), piece.from);
        }
    }

    // --- for who fills it
    void clear() noexcept { pieces_.clear(); }
    [[nodiscard]] Duration eagerness() const noexcept { return eagerness_; }
    [[nodiscard]] std::size_t places() const noexcept { return places_; }
    [[nodiscard]] bool is_empty() const noexcept { return pieces_.empty(); }
    [[nodiscard]] MutableBytes place(std::size_t number) noexcept {
        return {room_.get() + number * place_size, place_size};
    }
    // What is in the next place: datagrams of `each` bytes, the last may be shorter; 0: one.
    void add(std::size_t size, Address from, std::size_t each = 0) {
        const Bytes bytes = Bytes(place(pieces_.size())).first(size);
        pieces_.push_back({bytes, each == 0 ? std::max<std::size_t>(size, 1) : each, std::move(from)});
    }

private:
    struct Piece {
        Bytes bytes;
        std::size_t each;
        Address from;
    };
    std::size_t places_;
    std::unique_ptr<std::byte[]> room_;
    std::vector<Piece> pieces_;
    Duration eagerness_{};
};

}  // namespace strata::session
