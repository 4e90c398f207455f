#include "strata/3_network/routing/path_mtu.hpp"

#include <algorithm>
#include <array>

namespace strata::network {

std::size_t PathMtus::Hash::operator()(const IpAddress& address) const noexcept {
    std::array<std::byte, IpAddress::size> bytes{};
    address.store(bytes.data());
    return static_cast<std::size_t>(siphash(key, bytes));
}

PathMtus::PathMtus(Context context, const PathMtuOptions& options)
    : context_(context),
      options_(options),
      known_(0, Hash{SipKey::random(context.entropy)}),
      timer_([this] { expire(); }) {}

const PathMtus::Known* PathMtus::to(const IpAddress& destination) const {
    if (known_.empty()) return nullptr;
    const auto found = known_.find(destination);
    return found == known_.end() ? nullptr : &found->second->known;
}

void PathMtus::reported(const IpAddress& destination, std::size_t mtu) {
    const Known reported{.mtu = std::max(mtu, options_.mtu_min), .narrower = mtu < options_.mtu_min};
    const Known* before = to(destination);
    const bool news = before == nullptr || reported.mtu < before->mtu || (reported.narrower && !before->narrower);
    if (!news || options_.destinations_max == 0) return;
    if (before != nullptr) {
        by_age_.erase(known_.at(destination));
    } else if (known_.size() >= options_.destinations_max) {
        forget_oldest();
    }
    by_age_.push_back({destination, reported, saturating_add(context_.scheduler.now(), options_.lifetime)});
    known_[destination] = std::prev(by_age_.end());
    ++generation_;
    if (!timer_.armed()) context_.scheduler.arm(timer_, by_age_.front().forgotten);
}

void PathMtus::forget_oldest() {
    known_.erase(by_age_.front().destination);
    by_age_.pop_front();
    ++generation_;
}

void PathMtus::expire() {
    while (!by_age_.empty() && by_age_.front().forgotten <= context_.scheduler.now()) forget_oldest();
    if (!by_age_.empty()) context_.scheduler.arm(timer_, by_age_.front().forgotten);
}

std::size_t plateau_below(std::size_t packet_size) noexcept {
    constexpr std::array<std::size_t, 11> plateaus{ip_packet_max, 32000, 17914, 8166, 4352, 2002,
                                                   1492,          1006,  508,   296,  68};
    const auto fits = std::ranges::find_if(plateaus, [&](std::size_t mtu) { return mtu < packet_size; });
    return fits == plateaus.end() ? plateaus.back() : *fits;
}

}  // namespace strata::network
