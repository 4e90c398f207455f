// LapbLink: IP packets on a LAPB link: a line that breaks bits, seen from above as one that loses
// nothing and keeps the order, though it may be slow.
//
//       SerialLink               queue, users
//            |
//       LapbStation              I frames, acknowledged; flow control
//            |
//   FrameEncoder, FrameDecoder   flags, stuffing, frame check sequence
//            |
//       SerialLine               of bits or of octets
//
// LAPB has no field that says what an I frame carries. The first octet of its information is the
// packet's NLPID, as RFC 1356 3.2 has it for calls that multiplex: 0xcc for IPv4, 0x8e for IPv6
// (ISO/IEC TR 9577). Host::add_interface takes it.
#pragma once

#include <memory>

#include "strata/2_link/lapb/framing/stuffing.hpp"
#include "strata/2_link/lapb/station/station.hpp"
#include "strata/2_link/point_to_point/serial_link.hpp"

namespace strata::link {

inline constexpr std::byte nlpid_ipv4{0xcc};
inline constexpr std::byte nlpid_ipv6{0x8e};
inline constexpr std::size_t nlpid_size = 1;

struct LapbOptions {
    LapbStationOptions station;                          // station.information_max: the MTU and the octet before it
    FrameCheckKind frame_check = FrameCheckKind::fcs16;  // both ends have the same
    PointToPointQueueOptions queue;
};

class LapbLink final : public SerialLink, private LapbStationUser, private HdlcFrameUser {
public:
    // Sets the link up at once. `line` outlives it.
    LapbLink(Context context, physical::SerialLine& line, const LapbOptions& options);

    // Whether the peer is to stop sending (RNR) until this is called again with false.
    void set_busy(bool busy) { station_.set_busy(busy); }

    [[nodiscard]] LapbPhase phase() const noexcept { return station_.phase(); }
    void visit_counters(const CounterVisitor& visit) const override;
    [[nodiscard]] const LapbCounters& counters() const noexcept { return station_.counters(); }
    [[nodiscard]] const HdlcCounters& frame_counters() const noexcept { return decoder_->counters(); }

private:
    // SerialLink
    [[nodiscard]] bool established() const noexcept override { return station_.connected(); }
    [[nodiscard]] bool can_carry(EtherType type) const noexcept override {
        return type == EtherType::ipv4 || type == EtherType::ipv6;
    }
    [[nodiscard]] bool append_frame(std::vector<std::byte>& to) override;
    void octets_received(Bytes octets) override { decoder_->feed(octets); }
    void usable_changed(bool usable) override;
    // HdlcFrameUser
    void frame_arrived(const HdlcFrame& frame) override { station_.receive(frame); }
    // LapbStationUser
    void information_arrived(Bytes information) override;
    [[nodiscard]] Packet next_information() override;
    void connection_changed(bool) override { update_link(); }
    void frame_waiting() override { transmit(); }

    std::unique_ptr<FrameEncoder> encoder_;
    std::unique_ptr<FrameDecoder> decoder_;
    LapbStation station_;
    std::vector<std::byte> frame_;  // being stuffed
};

}  // namespace strata::link
