// SerialWay: one direction of a SerialCable: what it does to the octets that
// travel on it, and when they come out.
//
//   take() -> [waits for its bits to be sent] -> losses, duplicates, bit errors -> flight (delay)
//   -> the receiving end's user
//
// Octets are delivered by timer only, never inside take(). Chance comes from a generator of its
// own, so what happens to one direction does not change the other's luck.
#pragma once

#include <cstdint>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/counters.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/1_physical/serial/rare_events.hpp"
#include "strata/1_physical/serial/serial_line.hpp"

namespace strata::physical {

// All may be changed while octets are on their way; those keep the fate they had.
struct SerialWayOptions {
    std::uint64_t bits_per_second = 0;        // 0: no limit
    Duration delay{};                         // from the last bit sent to its arrival
    std::size_t queue_octets_max = 256;       // waiting to be sent: a driver's buffer
    std::size_t flight_octets_max = 1 << 20;  // sent and not yet delivered
    std::size_t delivery_octets_max = 16;     // that arrive as one, as from a UART's FIFO
    double bit_errors = 0;                    // probability, a bit, of its turning over
    double losses = 0;                        // of a unit: a bit on a line of bits, else an octet
    double duplications = 0;                  // likewise
};

#define STRATA_SERIAL_COUNTERS(counter)                                                        \
    counter(serialOctets, "taken from the sending end");                                       \
    counter(serialDelivered, "octets given to the receiving end's user");                      \
    counter(serialBitErrors, "bits turned over by chance, as the options ask");                \
    counter(serialLost, "bits, or octets on a line of octets, dropped by chance");             \
    counter(serialDuplicated, "bits, or octets on a line of octets, delivered twice");         \
    counter(serialUnplugged, "octets dropped: sent into, or on, a cable that is not plugged"); \
    counter(serialNobody, "octets dropped: nobody is attached to the receiving end");

STRATA_COUNTERS(SerialCounters, STRATA_SERIAL_COUNTERS);

class SerialWay {
public:
    SerialWay(Context context, SerialUnit unit, const SerialWayOptions& options, std::uint64_t seed);

    void set_options(const SerialWayOptions& options);
    [[nodiscard]] const SerialCounters& counters() const noexcept { return counters_; }
    void set_sender(SerialLineUser* user) noexcept { sender_ = user; }
    void set_receiver(SerialLineUser* user) noexcept { receiver_ = user; }

    // As SerialLine::transmit.
    [[nodiscard]] std::size_t take(Bytes octets);
    // Takes and drops, for a cable that is not plugged.
    [[nodiscard]] std::size_t take_unplugged(Bytes octets);
    // The cable was pulled: what is on it is lost.
    void lose_everything();

private:
    // Octets that arrive at one instant.
    struct Delivery {
        Instant at{};
        std::size_t octets = 0;
    };

    [[nodiscard]] std::size_t room() const noexcept;
    [[nodiscard]] Duration time_for(std::size_t octets) const noexcept;
    void send_off(Bytes octets);
    void carry_octet(std::byte octet);
    void carry_bits(std::byte octet);
    void put_bit(unsigned bit);
    void put_octet(std::byte octet);
    [[nodiscard]] std::byte with_errors(std::byte octet);
    void become_idle();
    void arm();
    void due();
    void block();
    void offer_room();

    Context context_;
    SerialUnit unit_;
    SerialWayOptions options_;
    SeededEntropy luck_;
    RareEvents bit_errors_, losses_, duplications_;
    SerialCounters counters_;
    SerialLineUser* sender_ = nullptr;
    SerialLineUser* receiver_ = nullptr;

    Instant free_at_{};  // when the last bit of the last octet is sent
    Instant last_arrival_{};
    RingQueue<std::byte> flying_;
    RingQueue<Delivery> deliveries_;  // of them, in order
    std::size_t fresh_ = 0;           // of flying_, in no delivery yet
    unsigned packing_ = 0;            // bits at the receiving end that make no octet yet,
    unsigned packed_bits_ = 0;        // and how many
    std::vector<std::byte> arriving_;
    bool blocked_ = false;  // the sender was told that we are full
    Timer delivery_;
    Timer room_;
};

}  // namespace strata::physical
