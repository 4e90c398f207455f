// A LAPB link whose peer does what the input says: octets on the line, frames with a good check and
// any control field, packets to be sent, busy, silence. Whatever it does, information is delivered
// only in sequence, no more than a window is kept, and the station says nothing malformed.
// links: network
#include <cstdlib>

#include "strata/2_link/lapb/lapb_link.hpp"
#include "tests/support/lapb_station.hpp"
#include "tests/support/network.hpp"
#include "tests/support/serial.hpp"

namespace {

using namespace strata;

constexpr unsigned window = 3;
constexpr std::size_t information_max = 16;

void require(bool holds) {
    if (!holds) std::abort();
}

// The station, judged from outside: a second count of V(R), kept from the frames alone.
class Judged final : public link::LapbStationUser {
public:
    Judged(test::World& world, link::LapbModulus modulus)
        : world_(world),
          modulus_(modulus),
          station_(world.context(), *this, {.modulus = modulus, .window = window, .information_max = information_max}) {
        station_.connect();
    }
    void act(unsigned action, Bytes argument) {
        switch (action) {
            case 0: receive(argument); break;
            case 1: waiting_ = 5; break;
            case 2: world_.run_for(3s); break;
            case 3: world_.run_for(100ms); break;
            case 4: station_.set_busy(true); break;
            case 5: station_.set_busy(false); break;
            case 6: station_.disconnect(); break;
            case 7: station_.connect(); break;
            default: station_.line_lost(); break;
        }
        send_all();
        require(station_.unacknowledged() <= window);
    }

private:
    void receive(Bytes frame) {
        delivered_ = 0;
        const std::uint64_t resets = station_.counters().lapbFlowStateChanges;
        const auto parsed = link::LapbFrame::parse(frame, modulus_);
        station_.receive({frame, true});
        if (station_.counters().lapbFlowStateChanges != resets) expected_ = 0;
        require(delivered_ <= 1);
        if (delivered_ == 0) return;
        require(parsed && parsed->type == link::LapbType::information && parsed->ns == expected_);
        expected_ = (expected_ + 1) % static_cast<unsigned>(modulus_);
    }
    void send_all() {
        std::vector<std::byte> frame;
        // A response, a supervisory frame or two, and a window, again for each change: no more.
        for (unsigned count = 0; station_.next_frame(frame); ++count) {
            require(count < 2 * window + 4);
            const auto parsed = link::LapbFrame::parse(frame, modulus_);
            require(parsed && parsed->information.size() <= information_max);
        }
    }

    // LapbStationUser
    void information_arrived(Bytes information) override {
        ++delivered_;
        require(information.size() <= information_max);
    }
    [[nodiscard]] Packet next_information() override {
        if (waiting_ == 0) return {};
        --waiting_;
        return Packet::copy_of(world_.pool, bytes_of("information"));
    }
    void connection_changed(bool) override { expected_ = 0; }
    void frame_waiting() override {}

    test::World& world_;
    link::LapbModulus modulus_;
    unsigned expected_ = 0;  // N(S)
    unsigned delivered_ = 0;
    unsigned waiting_ = 0;
    link::LapbStation station_;
};

void fuzz_station(link::LapbModulus modulus, Bytes input) {
    test::World world;
    Judged judged{world, modulus};
    while (!input.empty()) {
        const unsigned action = load_u8(input.data());
        const Bytes argument = input.subspan(1, std::min<std::size_t>(input.size() - 1, action >> 4));
        input = input.subspan(1 + argument.size());
        judged.act(action & 15, argument);
    }
    world.run_for(200s);
}

// The whole link, from octets of the line.
void fuzz_link(physical::SerialUnit unit, link::FrameCheckKind check, Bytes octets) {
    test::World world;
    test::TestSerialLine line{unit};
    test::RecordingLinkUser user;
    link::LapbLink lapb{world.context(), line, {.station = {.information_max = information_max}, .frame_check = check}};
    lapb.attach(link::EtherType::ipv4, &user);
    const auto encoder = link::make_encoder(unit, check);
    std::vector<std::byte> sound;
    // UA, so that there is a link; then what the input has, as it is and as a frame.
    encoder->append(test::hex("01 73"), sound);
    (void)encoder->finish(sound);
    line.arrives(sound);
    line.arrives(octets);
    sound.clear();
    encoder->append(octets, sound);
    (void)encoder->finish(sound);
    line.arrives(sound);
    world.run_for(200s);
    for (const std::string& packet : user.arrived) require(packet.size() < information_max);
}

}  // namespace

// The first octet chooses what is fuzzed and how.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const Bytes input{reinterpret_cast<const std::byte*>(data + 1), size - 1};
    const bool first = (data[0] & 2) != 0, second = (data[0] & 4) != 0;
    if ((data[0] & 1) == 0) {
        fuzz_station(first ? link::LapbModulus::extended : link::LapbModulus::basic, input);
    } else {
        fuzz_link(first ? physical::SerialUnit::bit : physical::SerialUnit::octet,
                  second ? link::FrameCheckKind::fcs32 : link::FrameCheckKind::fcs16, input);
    }
    return 0;
}
