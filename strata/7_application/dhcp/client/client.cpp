#include "strata/7_application/dhcp/client/client.hpp"

#include <algorithm>
#include <utility>

namespace strata::application::dhcp {

Client::Client(Scheduler& scheduler, Entropy& entropy, ClientUser& user, ClientOptions options)
    : scheduler_(scheduler),
      entropy_(entropy),
      user_(user),
      options_(std::move(options)),
      requests_(options_.identity),
      timer_([this] { due(); }) {}

void Client::start() {
    if (state_ != State::stopped) return;
    began_ = scheduler_.now();
    if (!options_.previous) return discover();
    wanted_ = *options_.previous;
    server_ = {};
    xid_ = new_xid();
    asked_secs_ = 0;
    enter(State::rebooting);
    request();
}

void Client::stop() {
    state_ = State::stopped;
    scheduler_.cancel(timer_);
    lease_.reset();
}

void Client::release() {
    if (lease_) {
        send(requests_.release(new_xid(), lease_->address.address, lease_->server), lease_->server,
             &DhcpClientCounters::dhcpOutReleases);
        lose(Loss::released);
    }
    stop();
}

void Client::decline() {
    if (!lease_) return;
    send(requests_.decline(new_xid(), lease_->address.address, lease_->server), Ipv4Address::broadcast(),
         &DhcpClientCounters::dhcpOutDeclines);
    begin_again(options_.decline_wait);
    lose(Loss::declined);
}

void Client::enter(State state) {
    state_ = state;
    back_off_ = {};
    asked_ = 0;
}

void Client::begin_again(Duration after) {
    enter(State::init);
    began_ = saturating_add(scheduler_.now(), after);
    wait(after);
}

void Client::due() {
    switch (state_) {
        case State::stopped: return;
        case State::init:
        case State::selecting: return discover();
        case State::requesting:
        case State::rebooting: return asked_ < options_.requests_max ? request() : begin_again({});
        case State::bound:
            began_ = scheduler_.now();
            xid_ = new_xid();
            enter(State::renewing);
            return extend();
        case State::renewing:
        case State::rebinding: return rebind_or_end();
    }
}

// RFC 2131 4.1: the same xid when it is sent again, so that a late offer still counts.
void Client::discover() {
    if (state_ != State::selecting) {
        enter(State::selecting);
        xid_ = new_xid();
    }
    asked_secs_ = secs();
    send(requests_.discover(xid_, asked_secs_), Ipv4Address::broadcast(), &DhcpClientCounters::dhcpOutDiscovers);
    wait(back_off_.next(entropy_));
}

void Client::request() {
    ++asked_;
    asked_at_ = scheduler_.now();
    send(state_ == State::rebooting ? requests_.reboot(xid_, asked_secs_, wanted_)
                                    : requests_.select(xid_, asked_secs_, wanted_, server_),
         Ipv4Address::broadcast(), &DhcpClientCounters::dhcpOutRequests);
    wait(back_off_.next(entropy_));
}

void Client::deliver(const Message& message) {
    if (!awaits_answer() || !requests_.answers(message, xid_)) {
        ++counters_.dhcpInOthers;
        return;
    }
    const auto type = message.type();
    if (type == MessageType::offer && state_ == State::selecting) return offered(message);
    if (type == MessageType::ack && state_ != State::selecting) return acknowledged(message);
    if (type == MessageType::nak && state_ != State::selecting) return refused(message);
    ++counters_.dhcpInUnwanted;
}

bool Client::awaits_answer() const noexcept {
    return state_ != State::stopped && state_ != State::init && state_ != State::bound;
}

// The first one is as good as any (RFC 2131 3.1.3).
void Client::offered(const Message& message) {
    const auto offer = Lease::from(message, scheduler_.now(), options_.limits);
    if (!offer) {
        ++counters_.dhcpInRefused;
        return;
    }
    ++counters_.dhcpInOffers;
    wanted_ = offer->address.address;
    server_ = offer->server;
    enter(State::requesting);
    request();
}

// In REQUESTING and RENEWING one server was asked, else everybody was.
bool Client::from_our_server(const Message& message) const noexcept {
    const auto server = message.options.address(OptionCode::server_identifier);
    if (state_ == State::requesting) return server == server_;
    if (state_ == State::renewing) return server == lease_->server;
    return server.has_value();
}

void Client::acknowledged(const Message& message) {
    if (!from_our_server(message)) {
        ++counters_.dhcpInUnwanted;
        return;
    }
    auto lease = Lease::from(message, asked_at_, options_.limits);
    const bool extends = lease_.has_value();
    if (!lease || lease->address.address != (extends ? lease_->address.address : wanted_)) {
        ++counters_.dhcpInRefused;
        return;
    }
    ++counters_.dhcpInAcks;
    lease_ = std::move(*lease);
    enter(State::bound);
    refusals_ = {};
    refused_before_ = false;
    scheduler_.arm(timer_, renewal_deadline());
    const Lease told = *lease_;
    extends ? user_.lease_extended(told) : user_.lease_acquired(told);
}

// RFC 2131 4.4.5: with some chance, so that those who got their leases together do not extend them
// together.
Instant Client::renewal_deadline() {
    if (lease_->renews_at == never) return never;
    const auto spread = static_cast<std::uint64_t>((lease_->renews_at - asked_at_).count()) / 32;
    return lease_->renews_at - Duration{static_cast<Duration::rep>(entropy_.below(spread + 1))};
}

// A server that refuses all that it offers is asked less and less often.
void Client::refused(const Message& message) {
    if (!from_our_server(message)) {
        ++counters_.dhcpInUnwanted;
        return;
    }
    ++counters_.dhcpInNaks;
    begin_again(refused_before_ ? refusals_.next(entropy_) : Duration{});
    refused_before_ = true;
    lose(Loss::refused);
}

// RFC 2131 4.4.5: again after half of the time that is left, but not every moment.
void Client::extend() {
    const Instant now = scheduler_.now();
    const bool renewing = state_ == State::renewing;
    const Instant end = renewing ? lease_->rebinds_at : lease_->expires_at;
    asked_at_ = now;
    send(requests_.extend(xid_, secs(), lease_->address.address), renewing ? lease_->server : Ipv4Address::broadcast(),
         &DhcpClientCounters::dhcpOutRequests);
    scheduler_.arm(timer_, std::min(end, saturating_add(now, std::max(options_.extend_wait_min, (end - now) / 2))));
}

void Client::rebind_or_end() {
    const Instant now = scheduler_.now();
    if (now >= lease_->expires_at) {
        ++counters_.dhcpExpired;
        begin_again({});
        return lose(Loss::expired);
    }
    if (state_ == State::renewing && now >= lease_->rebinds_at) enter(State::rebinding);
    extend();
}

// Last, since whoever hears it may do anything.
void Client::lose(Loss why) {
    if (!lease_) return;
    const Lease lost = *std::exchange(lease_, std::nullopt);
    user_.lease_lost(lost, why);
}

void Client::send(const Message& message, Ipv4Address to, CounterOf<DhcpClientCounters> counter) {
    ++(counters_.*counter);
    user_.send(message, to);
}

std::uint16_t Client::secs() const noexcept {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(scheduler_.now() - began_).count();
    return static_cast<std::uint16_t>(std::clamp<std::int64_t>(seconds, 0, 0xffff));
}

}  // namespace strata::application::dhcp
