#include "strata/2_link/lapb/framing/stuffing.hpp"

#include "strata/2_link/lapb/framing/bit_stuffing.hpp"
#include "strata/2_link/lapb/framing/octet_stuffing.hpp"

namespace strata::link {

std::unique_ptr<FrameEncoder> make_encoder(physical::SerialUnit unit, FrameCheckKind check) {
    if (unit == physical::SerialUnit::bit) return std::make_unique<BitStuffing>(check);
    return std::make_unique<OctetStuffing>(check);
}

std::unique_ptr<FrameDecoder> make_decoder(physical::SerialUnit unit, FrameCheckKind check, std::size_t frame_max,
                                           HdlcFrameUser& user) {
    if (unit == physical::SerialUnit::bit) return std::make_unique<BitUnstuffing>(check, frame_max, user);
    return std::make_unique<OctetUnstuffing>(check, frame_max, user);
}

}  // namespace strata::link
