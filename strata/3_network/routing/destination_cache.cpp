#include "strata/3_network/routing/destination_cache.hpp"

#include <algorithm>

namespace strata::network {

DestinationCache::DestinationCache(Context context, const DestinationCacheOptions& options)
    : context_(context),
      options_(options),
      known_(0, AddressHash{SipKey::random(context.entropy)}),
      timer_([this] { expire(); }) {
    options_.destinations_max = std::max<std::size_t>(options_.destinations_max, 1);
}

const DestinationCache::Known* DestinationCache::find(const IpAddress& destination) const {
    if (known_.empty()) return nullptr;
    const auto found = known_.find(destination);
    return found == known_.end() ? nullptr : &found->second->known;
}

void DestinationCache::mtu_reported(const IpAddress& destination, std::size_t mtu) {
    const Known* before = find(destination);
    Known known = before == nullptr ? Known{} : *before;
    known.mtu = std::min(known.mtu, std::max(mtu, options_.mtu_min));
    known.narrower = known.narrower || mtu < options_.mtu_min;
    const bool news = before == nullptr || known.mtu < before->mtu || known.narrower != before->narrower;
    if (news) learn(destination, known);
}

void DestinationCache::redirected(const IpAddress& destination, const IpAddress& by, const IpAddress& to) {
    const Known* before = find(destination);
    Known known = before == nullptr ? Known{} : *before;
    // One that was named itself names another: both stand for the route's.
    if (known.gateway.is_any() || known.gateway != by) known.instead_of = by;
    known.gateway = to;
    const bool news = before == nullptr || before->gateway != known.gateway || before->instead_of != known.instead_of;
    if (news) learn(destination, known);
}

void DestinationCache::learn(const IpAddress& destination, const Known& known) {
    const auto before = known_.find(destination);
    if (before != known_.end()) {
        by_age_.erase(before->second);
    } else if (known_.size() >= options_.destinations_max) {
        forget_oldest();
    }
    by_age_.push_back({destination, known, saturating_add(context_.scheduler.now(), options_.lifetime)});
    known_[destination] = std::prev(by_age_.end());
    ++generation_;
    if (!timer_.armed()) context_.scheduler.arm(timer_, by_age_.front().forgotten);
}

void DestinationCache::forget_oldest() {
    known_.erase(by_age_.front().destination);
    by_age_.pop_front();
    ++generation_;
}

void DestinationCache::expire() {
    while (!by_age_.empty() && by_age_.front().forgotten <= context_.scheduler.now()) forget_oldest();
    if (!by_age_.empty()) context_.scheduler.arm(timer_, by_age_.front().forgotten);
}

}  // namespace strata::network
