#include "strata/2_link/ethernet/frame_check.hpp"

#include <zlib.h>

namespace strata::link {

std::uint32_t frame_check(const Packet& frame) noexcept {
    uLong crc = ::crc32(0, nullptr, 0);
    frame.for_each_piece(
        [&](Bytes piece) { crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(piece.data()), piece.size()); });
    return static_cast<std::uint32_t>(crc);
}

void append_frame_check(Packet& frame) {
    const std::uint32_t check = frame_check(frame);
    store_be32(frame.extend(frame_check_size), std::byteswap(check));
}

bool verify_and_remove_frame_check(Packet& frame) {
    if (frame.size() < frame_check_size) return false;
    std::array<std::byte, frame_check_size> given{};
    frame.copy_to(given, frame.size() - frame_check_size);
    frame.trim_end(frame_check_size);
    return frame_check(frame) == std::byteswap(load_be32(given.data()));
}

}  // namespace strata::link
