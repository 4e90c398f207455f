// AddressProber: whether an address is another host's, asked before we use it (RFC 5227 2.1).
//
//   begin ── 0-1 s ── probe ── 1-2 s ── probe ── 1-2 s ── probe ── 2 s ── free
//                 |
//                 any packet that says it comes from the address, or
//                 another host's probe for it: in use
//
// Owned by Arp, which sends the probes and hands in what it hears.
#pragma once

#include <list>

#include "strata/0_foundation/context.hpp"
#include "strata/2_link/arp/packet.hpp"

namespace strata::link {

struct ProbeOptions {
    unsigned probes = 3;                 // RFC 5227 1.1: PROBE_NUM
    Duration wait_max = 1s;              // PROBE_WAIT: the first leaves after up to so long
    Duration interval_min = 1s;          // PROBE_MIN
    Duration interval_max = 2s;          // PROBE_MAX
    Duration announce_wait = 2s;         // ANNOUNCE_WAIT
    unsigned conflicts_max = 10;         // MAX_CONFLICTS: after more, one attempt a
    Duration rate_limit_interval = 60s;  // RATE_LIMIT_INTERVAL
};

class ProbeUser {
public:
    virtual ~ProbeUser() = default;
    virtual void send_probe(Ipv4Address address) = 0;
    // Nobody has it. It is no longer probed.
    virtual void probed_free(Ipv4Address address) = 0;
    // `other` has it, or wants it too. It is no longer probed.
    virtual void probed_in_use(Ipv4Address address, MacAddress other) = 0;
};

class AddressProber {
public:
    AddressProber(Context context, ProbeUser& user, ProbeOptions options);

    // With the link down it begins at resume().
    void begin(Ipv4Address address, bool link_up);
    void end(Ipv4Address address);
    [[nodiscard]] bool probes(Ipv4Address address) const noexcept;
    // The link went down: what was heard so far says nothing. Up: all begin anew.
    void pause();
    void resume();
    // An ARP packet of another host.
    void heard(const ArpPacket& arp);

private:
    struct Probe {
        Ipv4Address address;
        unsigned left = 0;
        Timer timer;
    };

    void start(Probe& probe);
    void due(Probe& probe);

    Context context_;
    ProbeUser& user_;
    ProbeOptions options_;
    std::list<Probe> probing_;  // their timers do not move
    unsigned conflicts_ = 0;    // since an address was found free
    Instant attempted_{Instant::min()};
};

}  // namespace strata::link
