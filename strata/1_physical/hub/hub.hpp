// Hub: a repeater with many ports (IEEE 802.3 27): what arrives at one leaves at all others, bit
// for bit. Three hosts and more share a segment through it, and each sees what all of them send.
//
//     host ─── cable ─── [   Hub   ] ─── cable ─── host
//                             └───────── cable ─── host
//
// It knows no addresses and repeats broken frames too. Collisions there are none: a cable whose
// queue is full loses the frame, counted. It belongs to a lab, or to whoever joins ports in one
// process.
#pragma once

#include <memory>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/counters.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/1_physical/port.hpp"

namespace strata::physical {

struct HubOptions {
    // 46 bit times of 100 Mbit/s (IEEE 802.3 27.3.1.4, class II). More than nothing: in hubs that
    // are joined in a ring a frame goes round for ever, but time passes meanwhile.
    Duration latency = 460ns;
    std::size_t ports_max = 64;
    std::size_t frames_max = 1024;     // on their way through it
    std::size_t bytes_max = 16 << 20;  // memory that they hold
};

#define STRATA_HUB_COUNTERS(counter)                                      \
    counter(hubFrames, "frames that arrived at a port");                  \
    counter(hubRepeated, "frames sent from a port, one for each");        \
    counter(hubFull, "dropped: too many are on their way through it");    \
    counter(hubPortFull, "dropped at one port: its cable takes no more"); \
    counter(hubNoLink, "not sent from a port whose cable is unplugged");

STRATA_COUNTERS(HubCounters, STRATA_HUB_COUNTERS);

class Hub {
public:
    explicit Hub(Context context, const HubOptions& options = {});
    Hub(const Hub&) = delete;
    Hub& operator=(const Hub&) = delete;
    ~Hub();

    // Attaches itself to a port, which outlives it: the near end of a cable. Errors: limit_reached;
    // invalid_argument if its features are not those of the others, since a hub changes no frame.
    [[nodiscard]] std::error_code attach(Port& port);
    [[nodiscard]] std::size_t ports() const noexcept { return arms_.size(); }
    [[nodiscard]] const HubCounters& counters() const noexcept { return counters_; }

private:
    class Arm;
    struct Passing {
        Instant leaves{};
        const Arm* from = nullptr;
        Packet frame;
    };

    void arrived(const Arm& from, std::span<Packet> frames);
    void repeat_due();
    void repeat(const Arm& from, const Packet& frame);
    void drop(const Packet& frame, CounterOf<HubCounters> counter);

    Context context_;
    HubOptions options_;
    HubCounters counters_;
    std::vector<std::unique_ptr<Arm>> arms_;
    RingQueue<Passing> passing_;
    std::size_t passing_bytes_ = 0;
    Timer timer_;
};

}  // namespace strata::physical
