// CableWay: one direction of a Cable: what it does to the frames that
// travel on it, and when they come out.
//
//   take() -> [queue: waits for its bits to be sent] -> loss -> bit errors -> duplication -> flight
//   (delay, jitter, reordering) -> the receiving port's user
//
// Frames are delivered by timer only, never inside take(); those that come
// out at one instant come as one burst. A way that does nothing to its frames
// hands them over by swapping two vectors. Chance comes from a generator of
// its own, so what happens to one direction does not change the other's luck.
#pragma once

#include <cstdint>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/counters.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/1_physical/port.hpp"

namespace strata::physical {

// All may be changed while frames are on their way; those keep the fate they had.
struct CableWayOptions {
    std::uint64_t bits_per_second = 0;   // 0: no limit
    Duration delay{};                    // from the last bit sent to its arrival
    Duration jitter{};                   // up to this much more, evenly; the order stays
    std::size_t queue_frames_max = 256;  // waiting to be sent; the way is full when either bound is reached
    std::size_t queue_bytes_max = 1 << 20;
    std::size_t flight_bytes_max = 256u << 20;  // memory held by what is sent and not yet delivered
    bool drop_when_full = false;                // as a router's queue does; else the port says that it is full
    double loss = 0;                            // probabilities, a frame each
    double duplication = 0;
    // Of one to four changed bits. On a cable without a frame check (see CableOptions::can_corrupt)
    // such a frame is dropped at the receiving end, as a port's hardware does it; with one, the
    // floor above sees it and finds it broken.
    double bit_errors = 0;
    double reordering = 0;             // of being held up, so that later frames overtake
    Duration reordering_delay = 10ms;  // for how long

    [[nodiscard]] bool does_nothing() const noexcept {
        return bits_per_second == 0 && delay == Duration{} && jitter == Duration{} && loss <= 0 && duplication <= 0 &&
               bit_errors <= 0 && reordering <= 0;
    }
};

#define STRATA_CABLE_COUNTERS(counter)                                                          \
    counter(cableFrames, "taken from the sending port");                                        \
    counter(cableOctets, "bytes of the frames taken");                                          \
    counter(cableDelivered, "given to the receiving port's user, copies included");             \
    counter(cableLost, "dropped by chance, as the options ask");                                \
    counter(cableDuplicated, "delivered twice");                                                \
    counter(cableReordered, "held up, so that later frames overtook");                          \
    counter(cableCorrupted, "delivered with a wrong frame check; dropped where there is none"); \
    counter(cableQueueFull, "dropped");                                                         \
    counter(cableUnplugged, "dropped: sent into, or on, a cable that is not plugged");          \
    counter(cableNobody, "dropped: nobody is attached to the receiving port");                  \
    counter(cableUnfit, "dropped: longer or less complete than the port's features allow");

STRATA_COUNTERS(CableCounters, STRATA_CABLE_COUNTERS);

class CableWay {
public:
    // `features` belong to the cable and outlive the way.
    CableWay(Context context, const PortFeatures& features, const CableWayOptions& options, std::uint64_t seed);

    void set_options(const CableWayOptions& options);
    [[nodiscard]] const CableWayOptions& options() const noexcept { return options_; }
    [[nodiscard]] const CableCounters& counters() const noexcept { return counters_; }
    void set_sender(PortUser* user) noexcept { sender_ = user; }
    void set_receiver(PortUser* user) noexcept { receiver_ = user; }

    // As Port::transmit.
    std::size_t take(std::span<Packet> frames);
    [[nodiscard]] bool writable() const noexcept { return !blocked_; }
    // Takes and drops, for a cable that is not plugged.
    std::size_t take_unplugged(std::span<Packet> frames);
    // The cable was pulled: what is on it is lost.
    void lose_everything();

private:
    struct Flying {
        Instant at{};
        std::uint64_t order = 0;
        Packet frame;
    };
    struct Departure {
        Instant at{};
        std::size_t bytes = 0;
    };

    [[nodiscard]] bool fits(const Packet& frame) const noexcept;
    void forget_checksum(Packet& frame) const noexcept;
    std::size_t take_at_once(std::span<Packet> frames);
    [[nodiscard]] bool queue_full() const noexcept;
    [[nodiscard]] bool flight_full() const noexcept { return flight_bytes_ >= options_.flight_bytes_max; }
    void forget_departed() noexcept;
    [[nodiscard]] Instant leave_queue(std::size_t bytes);
    void send_off(Packet frame);
    [[nodiscard]] Packet corrupted(const Packet& frame);
    void fly(Packet frame, Instant at);
    void arm_delivery();
    void deliver_due();
    void collect_due(Instant now);
    void block();
    void offer_room();
    void drop(Packet& frame, CounterOf<CableCounters> counter);

    Context context_;
    const PortFeatures& features_;
    CableWayOptions options_;
    bool does_nothing_;
    SeededEntropy luck_;
    CableCounters counters_;
    PortUser* sender_ = nullptr;
    PortUser* receiver_ = nullptr;

    std::vector<Packet> at_once_;  // due at the present instant: the quick way
    std::size_t at_once_bytes_ = 0;
    RingQueue<Departure> departures_;  // frames whose last bit is not sent yet
    std::size_t queue_bytes_ = 0;
    Instant free_at_{};            // when the last bit of the last frame is sent
    RingQueue<Flying> flying_;     // in the order of their arrival
    std::vector<Flying> held_up_;  // a heap by arrival
    Instant last_arrival_{};
    std::uint64_t order_ = 0;
    std::size_t flight_bytes_ = 0;
    std::vector<Packet> burst_;  // being delivered
    bool blocked_ = false;       // the sender was told that we are full
    Timer delivery_;
    Timer room_;
};

}  // namespace strata::physical
