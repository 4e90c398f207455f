// Loopback: packets that turn round: those to ourselves (RFC 1122 3.2.1.3 (g)), those to groups
// that we have joined ourselves (RFC 1112 6.1), and those for which no neighbour answered.
//
// Both wait in bounded queues that a timer empties at the same instant, never inside send():
// whoever sends must not find itself called before send() has returned. Owned by Internet.
#pragma once

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/error.hpp"
#include "strata/0_foundation/ring_queue.hpp"

namespace strata::network {

struct LoopbackOptions {
    std::size_t packets_max = 1024;    // to ourselves, on their way
    std::size_t bytes_max = 16 << 20;  // memory that they hold
    std::size_t ready_max = 64;        // with so many, ready() is false
    std::size_t undelivered_max = 64;  // packets whose next hop did not answer, to be reported
};

class LoopbackUser {
public:
    virtual ~LoopbackUser() = default;
    // A packet of ours to ourselves, with its IP header; or to a group that this interface has
    // joined, else Path::no_interface.
    virtual void looped_back(Packet packet, std::uint32_t interface) = 0;
    virtual void burst_ended() = 0;
    // ready() was false, and is true again.
    virtual void writable() = 0;
    // The beginning of a packet of ours that nobody answered for.
    virtual void report_undelivered(Packet packet) = 0;
};

class Loopback {
public:
    Loopback(Context context, LoopbackUser& user, const LoopbackOptions& options);

    // Takes the packet, unless there is an error: no_buffers. `interface`: see looped_back().
    [[nodiscard]] std::error_code turn_round(Packet& packet, std::uint32_t interface);
    [[nodiscard]] bool ready() const noexcept { return packets_.size() < options_.ready_max; }
    // False: too many are to be reported already.
    [[nodiscard]] bool report_later(Packet packet);

private:
    struct Turned {
        Packet packet;
        std::uint32_t interface = 0;
    };
    void due();
    void arm();

    Context context_;
    LoopbackUser& user_;
    LoopbackOptions options_;
    RingQueue<Turned> packets_;
    std::size_t bytes_ = 0;
    RingQueue<Packet> undelivered_;
    bool was_full_ = false;
    Timer timer_;
};

}  // namespace strata::network
