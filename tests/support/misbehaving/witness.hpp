// The witness is between a host and its cable, knows only what it sees pass, and says what no
// peer, however it behaves, may bring a TCP to send:
//
//  - an octet that is not the application's, the first time or any other
//  - an acknowledgment of what the peer did not send, or of less than before; a right edge that
//    moves back (RFC 9293 SHLD-14)
//  - payload beyond the window that the peer gives now, except for a
//    probe's one octet (RFC 9293 3.8.6, SHLD-16)
//  - more segments than the peer's own, the payload and the time that passed account for
//
// What waits in an interface's queue was lawful when TCP sent it: the window is therefore asked for
// where TCP sends (the host's trace), the rest where frames leave.
#pragma once

#include <array>
#include <optional>

#include "strata/0_foundation/scheduler.hpp"
#include "strata/0_foundation/trace.hpp"
#include "strata/1_physical/port_filter.hpp"
#include "tests/support/misbehaving/raw_segment.hpp"
#include "tests/support/misbehaving/streams.hpp"

namespace strata::test {

// Conversation n of the misbehaving peer has this port at the peer's end, whoever opens it.
inline constexpr std::uint16_t first_peer_port = 5000;
inline constexpr unsigned conversations_max = 16;

// What was seen of one conversation.
struct Ledger {
    Role role{};
    // Of the host.
    bool host_spoke = false;
    tcp::SequenceNumber host_iss;
    tcp::SequenceNumber host_max;   // behind the highest octet its TCP ever sent
    tcp::SequenceNumber host_ack;   // what it acknowledged last
    tcp::SequenceNumber host_edge;  // the right edge it promised last
    std::optional<std::uint8_t> host_scale;
    // Of the peer, as far as it has come to the host.
    bool peer_spoke = false;
    tcp::SequenceNumber peer_max;
    tcp::SequenceNumber peer_ack;  // the highest that is not beyond host_max
    std::optional<std::uint8_t> peer_scale;
    std::optional<tcp::SequenceNumber> peer_fin;
    // The farthest that the host may believe the peer's right edge to be, and the largest window.
    tcp::SequenceNumber edge;
    std::uint32_t wnd_max = 0;

    std::uint64_t peer_segments = 0;
    std::uint64_t taken_back = 0;       // of them, those whose right edge lies before one that was promised
    std::uint64_t asks = 0;             // the peer's segments with payload, SYN or FIN: each may have an answer
    std::uint64_t acknowledgments = 0;  // the host's segments without payload
    std::uint64_t payloads = 0;         // and with
    std::uint64_t new_octets = 0;
    std::uint64_t probes = 0;  // single octets beyond the window
};

class Witness final : public physical::PortFilter, public Trace {
public:
    Witness(physical::Port& below, Scheduler& scheduler, Ipv4Address peer, Findings& findings)
        : PortFilter(below), scheduler_(scheduler), peer_(peer), findings_(findings) {}
    void expect(unsigned number, Role role) { ledgers_.at(number).role = role; }
    [[nodiscard]] const Ledger& ledger(unsigned number) const { return ledgers_.at(number); }

    // --- physical::PortFilter
    [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override;
    // --- Trace
    void packet(const TraceEvent& event) override;

private:
    void frames_arrived(std::span<Packet> frames) override;
    [[nodiscard]] Ledger* ledger_of(PortNumber port);
    void sent(const RawSegment& segment);
    void left(const RawSegment& segment);
    void host_opens(Ledger& ledger, const RawSegment& segment);
    void check_octets(const Ledger& ledger, const RawSegment& segment);
    void check_promises(Ledger& ledger, const RawSegment& segment);
    void arrived(const RawSegment& segment);
    void peer_promises(Ledger& ledger, const RawSegment& segment, bool plain);
    void found(const Ledger& ledger, const RawSegment& segment, const std::string& what);

    Scheduler& scheduler_;
    Ipv4Address peer_;
    Findings& findings_;
    std::array<Ledger, conversations_max> ledgers_{};
    std::vector<std::byte> sent_;  // memory for what TCP sends
};

}  // namespace strata::test
