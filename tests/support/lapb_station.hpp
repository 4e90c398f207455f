// A LAPB station whose peer is the test itself: it sends frames by name and reads what the station
// sends as text.
//
//   "SABM c+"      a command with P=1          "UA r+"  a response with F=1          "DM r"  with F=0
//   "I c s0 r3"    N(S)=0, N(R)=3              "RR r r3"
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "strata/2_link/lapb/station/station.hpp"
#include "tests/support/network.hpp"

namespace strata::test {

using link::LapbAddress;
using link::LapbFrame;
using link::LapbModulus;
using link::LapbPhase;
using link::LapbType;

[[nodiscard]] inline std::string name_of(LapbType type) {
    switch (type) {
        case LapbType::information: return "I";
        case LapbType::receive_ready: return "RR";
        case LapbType::receive_not_ready: return "RNR";
        case LapbType::reject: return "REJ";
        case LapbType::set_mode: return "SABM";
        case LapbType::set_mode_extended: return "SABME";
        case LapbType::disconnect: return "DISC";
        case LapbType::acknowledgment: return "UA";
        case LapbType::disconnected_mode: return "DM";
        case LapbType::frame_reject: return "FRMR";
    }
    return "?";
}

inline constexpr std::array all_lapb_types{LapbType::information, LapbType::receive_ready,  LapbType::receive_not_ready,
                                           LapbType::reject,      LapbType::set_mode,       LapbType::set_mode_extended,
                                           LapbType::disconnect,  LapbType::acknowledgment, LapbType::disconnected_mode,
                                           LapbType::frame_reject};

// A frame of the station whose address is `own`, as text.
[[nodiscard]] inline std::string described(Bytes octets, LapbAddress own, LapbModulus modulus) {
    const auto frame = LapbFrame::parse(octets, modulus);
    if (!frame) return "not a frame";
    std::string text = name_of(frame->type) + (frame->address == own ? " r" : " c") + (frame->poll_final ? "+" : "");
    if (frame->type == LapbType::information) text += " s" + std::to_string(frame->ns);
    if (frame->type == LapbType::information || frame->is_supervisory()) text += " r" + std::to_string(frame->nr);
    return text;
}

class ScriptedStation : public link::LapbStationUser {
public:
    explicit ScriptedStation(World& world, const link::LapbStationOptions& options = {})
        : world_(world),
          options_(options),
          own_(options.role == link::LapbRole::dte ? LapbAddress::a : LapbAddress::b),
          peer_(options.role == link::LapbRole::dte ? LapbAddress::b : LapbAddress::a),
          station(world.context(), *this, options) {}

    // --- the peer
    void peer_commands(LapbType type, bool poll = false, unsigned nr = 0, unsigned ns = 0, std::string_view text = {}) {
        sends(own_, type, poll, nr, ns, text);
    }
    void peer_responds(LapbType type, bool final = false, unsigned nr = 0, std::string_view text = {}) {
        sends(peer_, type, final, nr, 0, text);
    }
    void peer_informs(unsigned ns, unsigned nr, std::string_view text, bool poll = false) {
        peer_commands(LapbType::information, poll, nr, ns, text);
    }
    void peer_sends_octets(Bytes octets, bool whole = true) { station.receive({octets, whole}); }

    // --- what the station does
    // All that it wants to send now.
    std::vector<std::string> emitted() {
        std::vector<std::string> found;
        std::vector<std::byte> frame;
        while (station.next_frame(frame)) {
            found.push_back(described(frame, own_, options_.modulus));
            last = frame;
        }
        return found;
    }
    // Into information transfer, by a SABM of its own.
    void bring_up() {
        station.connect();
        (void)emitted();
        peer_responds(LapbType::acknowledgment, true);
    }
    void give(std::string text) { waiting.push_back(std::move(text)); }

    // LapbStationUser
    void information_arrived(Bytes information) override { arrived.emplace_back(text_of(information)); }
    [[nodiscard]] Packet next_information() override {
        if (waiting.empty()) return {};
        Packet packet = Packet::copy_of(world_.pool, bytes_of(waiting.front()));
        waiting.pop_front();
        return packet;
    }
    void connection_changed(bool connected) override { connections.push_back(connected); }
    void frame_waiting() override { ++waiting_calls; }

private:
    void sends(LapbAddress address, LapbType type, bool poll_final, unsigned nr, unsigned ns, std::string_view text) {
        const LapbFrame frame{.address = address,
                              .type = type,
                              .poll_final = poll_final,
                              .ns = static_cast<std::uint8_t>(ns),
                              .nr = static_cast<std::uint8_t>(nr)};
        std::vector<std::byte> octets(LapbFrame::header_size_max);
        octets.resize(frame.write_header(octets.data(), options_.modulus));
        const Bytes information = bytes_of(text);
        octets.insert(octets.end(), information.begin(), information.end());
        station.receive({octets, true});
    }

    World& world_;
    link::LapbStationOptions options_;
    LapbAddress own_;
    LapbAddress peer_;

public:
    std::deque<std::string> waiting;  // to be sent
    std::vector<std::string> arrived;
    std::vector<bool> connections;
    int waiting_calls = 0;
    std::vector<std::byte> last;  // the last frame emitted
    link::LapbStation station;
};

}  // namespace strata::test
