// ArpPing: asks who has an address, as long as one likes, and says what came back: whether a
// neighbour is there that answers nothing else, or whether an address is free (RFC 5227 2.1.1).
#pragma once

#include "strata/2_link/arp/arp.hpp"

namespace strata::link {

struct ArpPingOptions {
    std::uint64_t count = 0;  // requests; 0: until it is destroyed
    Duration interval = 1s;   // between two, and for an answer to the last
    bool probe = false;       // asks without an address of ours, and takes whoever uses, or wants, the target
};

class ArpPingUser {
public:
    virtual ~ArpPingUser() = default;
    // `took`: since the last request. It may not destroy the ArpPing.
    virtual void answered(MacAddress by, Duration took) = 0;
    // All requests are out, and the time for their answers is over.
    virtual void done() = 0;
};

class ArpPing final : private ArpListener {
public:
    // Attaches itself to `arp`, which outlives it, and asks at once.
    ArpPing(Context context, Arp& arp, ArpPingUser& user, Ipv4Address target, ArpPingOptions options = {});
    ArpPing(const ArpPing&) = delete;
    ArpPing& operator=(const ArpPing&) = delete;
    ~ArpPing() override;

    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
    [[nodiscard]] std::uint64_t answers() const noexcept { return answers_; }

private:
    void heard(const ArpPacket& arp) override;
    void due();

    Context context_;
    Arp& arp_;
    ArpPingUser& user_;
    Ipv4Address target_;
    ArpPingOptions options_;
    std::uint64_t sent_ = 0;
    std::uint64_t answers_ = 0;
    Instant asked_at_{};
    Timer timer_;
};

}  // namespace strata::link
