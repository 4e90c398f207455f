#include "strata/2_link/arp/ping.hpp"

namespace strata::link {

ArpPing::ArpPing(Context context, Arp& arp, ArpPingUser& user, Ipv4Address target, ArpPingOptions options)
    : context_(context), arp_(arp), user_(user), target_(target), options_(options), timer_([this] { due(); }) {
    arp_.attach(this);
    due();
}

ArpPing::~ArpPing() { arp_.attach(nullptr); }

void ArpPing::due() {
    if (options_.count != 0 && sent_ >= options_.count) return user_.done();
    ++sent_;
    asked_at_ = context_.scheduler.now();
    context_.scheduler.arm_after(timer_, options_.interval);
    arp_.ask(options_.probe ? Ipv4Address{} : arp_.asker_for(target_), target_, {}, MacAddress::broadcast());
}

// A probe's answer may be any packet from the address (RFC 5227 2.1.1), and another's probe for it;
// a request's is a reply.
void ArpPing::heard(const ArpPacket& arp) {
    const bool from_target = arp.sender_ip == target_;
    const bool wanted_too = arp.is_probe() && arp.target_ip == target_;
    const bool answer =
        options_.probe ? from_target || wanted_too : from_target && arp.operation == ArpPacket::Operation::reply;
    if (!answer) return;
    ++answers_;
    user_.answered(arp.sender_mac, context_.scheduler.now() - asked_at_);
}

}  // namespace strata::link
