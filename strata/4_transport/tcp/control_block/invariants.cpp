#include "strata/4_transport/tcp/control_block/invariants.hpp"

namespace strata::transport::tcp {
namespace {

const char* broken_when_sending(const ControlBlock& block) noexcept {
    const SendSequenceSpace& snd = block.snd;
    if (after(snd.una(), snd.nxt())) return "SND.UNA =< SND.NXT";
    if (after(snd.nxt(), snd.max())) return "SND.NXT =< the highest octet that left";
    if (snd.wnd() > snd.wnd_max()) return "SND.WND =< MAX(SND.WND)";
    const std::uint32_t fin = block.fin.seq() ? 1 : 0;
    if (after(snd.nxt(), block.data_end() + fin)) return "SND.NXT =< SND.UNA + what was written";
    if (block.fin.seq() && !block.fin_acknowledged() && *block.fin.seq() != block.data_end())
        return "our FIN follows the last byte written";
    if (block.fin.seq() && !block.fin.requested()) return "a FIN was asked for before it was sent";
    return nullptr;
}

const char* broken_when_receiving(const ControlBlock& block) noexcept {
    const ReceiveSequenceSpace& rcv = block.rcv;
    if (before(rcv.edge(), rcv.nxt())) return "the window's edge >= RCV.NXT";
    const std::size_t unit = std::size_t{1} << block.negotiated().rcv_scale;
    if (block.receive_buffer.size() >= block.options->receive_buffer_max + unit)
        return "no more waits to be read than was promised";
    const bool closed_by_peer =
        block.state == State::close_wait || block.state == State::closing || block.state == State::last_ack;
    if (closed_by_peer != block.peer_fin.received() && synchronized(block.state) && block.state != State::time_wait)
        return "the state says whether the peer's FIN was received";
    return nullptr;
}

}  // namespace

const char* broken_invariant(const ControlBlock& block) noexcept {
    if (block.state == State::closed || block.state == State::time_wait) return nullptr;
    if (const char* broken = broken_when_sending(block)) return broken;
    return broken_when_receiving(block);
}

}  // namespace strata::transport::tcp
