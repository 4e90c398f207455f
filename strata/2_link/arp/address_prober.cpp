#include "strata/2_link/arp/address_prober.hpp"

#include <algorithm>

namespace strata::link {
namespace {

Duration between(Entropy& entropy, Duration least, Duration most) {
    const Duration span = std::max(most - least, Duration{});
    return least + Duration{static_cast<Duration::rep>(entropy.below(static_cast<std::uint64_t>(span.count()) + 1))};
}

}  // namespace

AddressProber::AddressProber(Context context, ProbeUser& user, ProbeOptions options)
    : context_(context), user_(user), options_(options) {}

void AddressProber::begin(Ipv4Address address, bool link_up) {
    if (probes(address)) return;
    Probe& probe = probing_.emplace_back();
    probe.address = address;
    probe.timer.set_action([this, &probe] { due(probe); });
    if (link_up) start(probe);
}

void AddressProber::end(Ipv4Address address) {
    std::erase_if(probing_, [&](const Probe& probe) { return probe.address == address; });
}

bool AddressProber::probes(Ipv4Address address) const noexcept {
    return std::ranges::find(probing_, address, &Probe::address) != probing_.end();
}

void AddressProber::pause() {
    for (Probe& probe : probing_) context_.scheduler.cancel(probe.timer);
}

void AddressProber::resume() {
    for (Probe& probe : probing_) start(probe);
}

// RFC 5227 2.1.1: hosts that were switched on together shall not ask together; and a host that met
// with more than MAX_CONFLICTS tries one address a RATE_LIMIT_INTERVAL.
void AddressProber::start(Probe& probe) {
    probe.left = options_.probes;
    Instant start = context_.scheduler.now();
    if (conflicts_ > options_.conflicts_max) {
        start = std::max(start, saturating_add(attempted_, options_.rate_limit_interval));
    }
    attempted_ = start;
    context_.scheduler.arm(probe.timer,
                           saturating_add(start, between(context_.entropy, Duration{}, options_.wait_max)));
}

void AddressProber::due(Probe& probe) {
    if (probe.left == 0) {
        const Ipv4Address address = probe.address;
        conflicts_ = 0;
        end(address);
        return user_.probed_free(address);
    }
    --probe.left;
    const Duration pause = probe.left == 0 ? options_.announce_wait
                                           : between(context_.entropy, options_.interval_min, options_.interval_max);
    context_.scheduler.arm_after(probe.timer, pause);
    user_.send_probe(probe.address);
}

// Also before the first probe, and until ANNOUNCE_WAIT after the last. Our own probe that a switch
// sent back is no other host's: Arp hands in none of those.
void AddressProber::heard(const ArpPacket& arp) {
    const Ipv4Address claimed = arp.is_probe() ? arp.target_ip : arp.sender_ip;
    if (!probes(claimed)) return;
    if (conflicts_ <= options_.conflicts_max) ++conflicts_;
    end(claimed);
    user_.probed_in_use(claimed, arp.sender_mac);
}

}  // namespace strata::link
