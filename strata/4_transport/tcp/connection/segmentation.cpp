#include "strata/4_transport/tcp/connection/segmentation.hpp"

#include <algorithm>

#include "strata/4_transport/tcp/send/nagle.hpp"

namespace strata::transport::tcp {
namespace {

// Turns a range of sequence numbers into payload and, where it reaches over the last byte, the FIN.
Departure departure_for(const ControlBlock& block, const SequenceRange& range) {
    Departure departure{.seq = range.begin, .length = range.size(), .repeat = true};
    if (block.fin.seq() && after(range.end, *block.fin.seq())) {
        departure.fin = true;
        --departure.length;
    }
    departure.push = not_before(range.end, block.data_end());
    return departure;
}

// Room that congestion control leaves beside what is in the network.
std::uint32_t congestion_room(const ControlBlock& block) {
    const std::uint32_t cwnd = block.congestion->cwnd();
    const std::uint32_t pipe = block.recovery.pipe(block.snd, block.negotiated().mss);
    return cwnd > pipe ? cwnd - pipe : 0;
}

// SHLD-16: what lies beyond a window that the peer has shrunk is not repeated; a FIN needs no room.
std::optional<SequenceRange> within_window(const SendSequenceSpace& snd, std::optional<SequenceRange> range) {
    if (!range || not_before(range->begin, later_of(snd.window_end(), snd.una() + 1))) return std::nullopt;
    range->end = earlier_of(range->end, later_of(snd.window_end(), range->begin + 1));
    return range;
}

// RFC 9293 3.8.6.1: one octet beyond the window; the octet that was tried before, if there was one.
std::optional<Departure> window_probe(const ControlBlock& block) {
    if (block.snd.in_flight() > 0) return departure_for(block, {block.snd.una(), block.snd.una() + 1});
    if (block.data_end() != block.snd.nxt()) {
        const std::uint32_t length =
            std::max(1u, std::min({block.snd.usable(), block.data_end() - block.snd.nxt(), block.negotiated().mss}));
        const bool fin =
            block.fin.to_send() && block.snd.usable() > length && block.snd.nxt() + length == block.data_end();
        return Departure{.seq = block.snd.nxt(), .length = length, .fin = fin, .push = true, .probe = true};
    }
    if (block.fin.to_send()) return Departure{.seq = block.snd.nxt(), .fin = true, .push = true, .probe = true};
    return std::nullopt;
}

std::optional<Departure> new_payload(const ControlBlock& block, std::uint32_t room) {
    const std::uint32_t flight = block.snd.in_flight();
    if (block.fin.seq()) return std::nullopt;
    SendQuestion question;
    question.unsent = block.data_end() - block.snd.nxt();
    question.room = std::min(room, block.snd.usable());
    question.mss = block.negotiated().mss;
    question.in_flight = flight;
    question.window_max = block.snd.wnd_max();
    question.length_max = departure_length_max(block);
    question.no_delay = block.user.no_delay();
    question.closing = block.fin.requested();
    question.more = block.user.more();
    question.congestion_limited = room < block.snd.usable();
    const std::uint32_t length = question.unsent == 0 ? 0 : sendable(question);
    const bool last = length == question.unsent;
    const bool fin = block.fin.to_send() && last;
    if (length == 0 && !fin) return std::nullopt;
    return Departure{.seq = block.snd.nxt(), .length = length, .fin = fin, .push = last};
}

}  // namespace

std::uint32_t departure_length_max(const ControlBlock& block) noexcept {
    const std::uint32_t mss = std::max(block.negotiated().mss, 1u);
    const network::Path& path = block.path();
    if (path.super_packet_max == 0 || path.segmentation == Segmentation::none) return mss;
    const std::size_t headers = path.header_size + HeaderView::size_min + block.usual_options_size();
    if (path.super_packet_max <= headers + mss) return mss;
    const auto fits = static_cast<std::uint32_t>(path.super_packet_max - headers);
    return fits - fits % mss;
}

std::optional<Departure> next_departure(const ControlBlock& block) {
    if (!sends(block.state)) return std::nullopt;
    if (block.persist.probe_due()) return window_probe(block);
    const std::uint32_t room = congestion_room(block);
    const std::uint32_t mss = std::max(block.negotiated().mss, 1u);
    // RFC 6675 5 (C): while cwnd - pipe is at least a segment. A
    // flight shorter than that must get through as well.
    const bool open = room >= mss || block.recovery.must_repeat() || block.recovery.pipe(block.snd, mss) == 0;
    if (open && block.snd.in_flight() > 0) {
        const std::uint32_t most = std::max(mss, std::min(room - room % mss, departure_length_max(block)));
        if (const auto lost = within_window(block.snd, block.recovery.next_repeat(block.snd, most)))
            return departure_for(block, *lost);
    }
    if (auto payload = new_payload(block, room)) return payload;
    if (open && block.recovery.recovering()) {
        if (const auto guess = within_window(block.snd, block.recovery.next_guess(block.snd, mss)))
            return departure_for(block, *guess);
    }
    return std::nullopt;
}

}  // namespace strata::transport::tcp
