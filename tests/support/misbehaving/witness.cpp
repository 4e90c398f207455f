#include "tests/support/misbehaving/witness.hpp"

#include <algorithm>

namespace strata::test {
namespace {

using tcp::ControlBits;

// A window scale counts only if both sides offer one (RFC 7323 2.2).
unsigned scale_of(const std::optional<std::uint8_t>& own, const std::optional<std::uint8_t>& other) {
    return own && other ? *own : 0u;
}

}  // namespace

Ledger* Witness::ledger_of(PortNumber port) {
    const unsigned number = number_of(port) - unsigned{first_peer_port};
    return number < conversations_max ? &ledgers_[number] : nullptr;
}

void Witness::found(const Ledger& ledger, const RawSegment& segment, const std::string& what) {
    findings_.add(scheduler_.now(), "conversation " + std::to_string(&ledger - ledgers_.data()) + ": " + what +
                                        " (octet " + std::to_string(segment.seq - ledger.host_iss) + ", length " +
                                        std::to_string(segment.payload.size()) + ")");
}

// ------------------------------------------------------------------------------------------------ what the host sends

void Witness::packet(const TraceEvent& event) {
    if (event.floor != Floor::transport || event.direction != Direction::down || event.packet == nullptr) return;
    if (const auto segment = read_segment(flattened(*event.packet, sent_))) sent(*segment);
}

// TCP sends: is it the peer's window that lets it?
void Witness::sent(const RawSegment& segment) {
    Ledger* ledger = ledger_of(segment.destination.port);
    if (ledger == nullptr) return;
    if (segment.has(ControlBits::syn)) return host_opens(*ledger, segment);
    if (!ledger->host_spoke || segment.has(ControlBits::rst)) return;
    const tcp::SequenceNumber end = segment.seq + segment.payload_length();
    if (!segment.payload.empty()) {
        ++ledger->payloads;
        const tcp::SequenceNumber fresh = later_of(segment.seq, ledger->host_max);
        const std::uint32_t count = after(end, fresh) ? end - fresh : 0;
        ledger->new_octets += count;
        if (after(end, ledger->edge)) {
            ++ledger->probes;
            if (segment.payload_length() > 1)
                found(*ledger, segment, "payload beyond the peer's window by " + std::to_string(end - ledger->edge));
        }
    }
    ledger->host_max = later_of(ledger->host_max, segment.end());
}

std::size_t Witness::transmit(std::span<Packet> frames) {
    std::size_t taken = 0;
    std::vector<std::byte> memory;
    for (; taken < frames.size(); ++taken) {
        const Bytes bytes = flattened(frames[taken], memory);
        if (below().transmit(frames.subspan(taken, 1)) == 0) break;
        const auto segment = read_frame(bytes);
        if (segment && segment->destination.address == peer_) left(*segment);
    }
    return taken;
}

void Witness::host_opens(Ledger& ledger, const RawSegment& segment) {
    if (ledger.host_spoke) return;
    ledger.host_spoke = true;
    ledger.host_iss = segment.seq;
    ledger.host_max = segment.seq + 1;
    ledger.host_ack = segment.ack;
    ledger.host_scale = segment.options.window_scale;
    ledger.host_edge = segment.ack + segment.wnd;
}

// A frame leaves.
void Witness::left(const RawSegment& segment) {
    Ledger* ledger = ledger_of(segment.destination.port);
    if (ledger == nullptr) return;
    if (segment.has(ControlBits::syn)) return host_opens(*ledger, segment);
    if (segment.has(ControlBits::rst)) return;
    if (segment.len() == 0) ++ledger->acknowledgments;
    check_octets(*ledger, segment);
    check_promises(*ledger, segment);
}

void Witness::check_octets(const Ledger& ledger, const RawSegment& segment) {
    if (segment.payload.empty()) return;
    const auto number = static_cast<unsigned>(&ledger - ledgers_.data());
    const std::uint32_t place = segment.seq - (ledger.host_iss + 1);
    const Bytes expected = octets(host_stream(number, ledger.role), place, segment.payload.size());
    if (!std::ranges::equal(segment.payload, expected)) found(ledger, segment, "octets that are not the application's");
}

void Witness::check_promises(Ledger& ledger, const RawSegment& segment) {
    if (after(segment.ack, ledger.peer_max)) found(ledger, segment, "acknowledges what the peer did not send");
    const unsigned scale = scale_of(ledger.host_scale, ledger.peer_scale);
    const tcp::SequenceNumber edge = segment.ack + (std::uint32_t{segment.wnd} << scale);
    if (ledger.host_ack != tcp::SequenceNumber{}) {  // its SYN acknowledged nothing, if the host opened
        if (before(segment.ack, ledger.host_ack)) found(ledger, segment, "acknowledges less than before");
        // With the peer's FIN the window has lost its meaning.
        const bool ended = ledger.peer_fin && after(segment.ack, *ledger.peer_fin);
        // A window that can't be rounded up any more is rounded down (docs/decisions, 0054): by
        // less than a unit of its scale, however often.
        if (before(edge + ((1u << scale) - 1), ledger.host_edge) && !ended)
            found(ledger, segment, "moves its right edge back by " + std::to_string(ledger.host_edge - edge));
    }
    const bool first = ledger.host_ack == tcp::SequenceNumber{};
    ledger.host_edge = first ? edge : later_of(ledger.host_edge, edge);
    ledger.host_ack = segment.ack;
}

// ------------------------------------------------------------------------------------------------ what the peer sends

void Witness::frames_arrived(std::span<Packet> frames) {
    std::vector<std::byte> memory;
    for (const Packet& frame : frames) {
        const auto segment = read_frame(flattened(frame, memory));
        if (segment && segment->source.address == peer_) arrived(*segment);
    }
    (void)pass_up(frames);
}

void Witness::arrived(const RawSegment& segment) {
    Ledger* ledger = ledger_of(segment.source.port);
    if (ledger == nullptr) return;
    ++ledger->peer_segments;
    if (segment.len() > 0) ++ledger->asks;
    if (segment.has(ControlBits::syn)) {
        if (std::exchange(ledger->peer_spoke, true)) return;
        ledger->peer_max = segment.end();
        ledger->peer_scale = segment.options.window_scale;
        ledger->wnd_max = segment.wnd;  // never scaled (RFC 7323 2.2)
        ledger->peer_ack = segment.ack;
        ledger->edge = segment.ack + segment.wnd;
        return;
    }
    if (!ledger->peer_spoke || segment.has(ControlBits::rst) || !segment.has(ControlBits::ack)) return;
    // What has no room for doubt: it is the peer's newest, in the
    // window, and acknowledges all that it did before.
    const bool plain = segment.bare() && segment.seq == ledger->peer_max && not_after(segment.seq, ledger->host_edge) &&
                       not_before(segment.ack, ledger->peer_ack);
    ledger->peer_max = later_of(ledger->peer_max, segment.end());
    if (segment.has(ControlBits::fin)) ledger->peer_fin = segment.end() - 1;
    if (not_after(segment.ack, ledger->host_max)) peer_promises(*ledger, segment, plain);
}

// The host takes the window of a plain acknowledgment. Of anything else it may, if SND.WL1 and
// SND.WL2 and what it thinks of the rest of the segment let it; or it keeps the window that it had,
// from the new SND.UNA on.
void Witness::peer_promises(Ledger& ledger, const RawSegment& segment, bool plain) {
    const std::uint32_t wnd = std::uint32_t{segment.wnd} << scale_of(ledger.peer_scale, ledger.host_scale);
    const bool first = ledger.peer_ack == tcp::SequenceNumber{};
    if (!first && before(segment.ack + wnd, ledger.edge)) ++ledger.taken_back;
    ledger.peer_ack = first ? segment.ack : later_of(ledger.peer_ack, segment.ack);
    ledger.wnd_max = plain ? wnd : std::max(ledger.wnd_max, wnd);
    const tcp::SequenceNumber edge = ledger.peer_ack + ledger.wnd_max;
    ledger.edge = plain || first ? edge : later_of(ledger.edge, edge);
}

}  // namespace strata::test
