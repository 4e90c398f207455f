// Budget: how much the connections of a server hold together, in calls that are being done and in
// replies that were not taken; and those of one address.
#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include "strata/0_foundation/address.hpp"

namespace strata::session::rpc {

class Budget : public std::enable_shared_from_this<Budget> {
public:
    Budget(std::size_t total_max, std::size_t per_address_max)
        : total_max_(total_max), per_address_max_(per_address_max) {}

    // An address's part, for as long as one of its connections is there.
    class Share {
    public:
        Share(std::shared_ptr<Budget> of, const IpAddress& address) : budget_(std::move(of)), address_(address) {}
        Share(const Share&) = delete;
        Share& operator=(const Share&) = delete;
        ~Share() { budget_->shares_.erase(address_); }
        void add(std::size_t bytes) noexcept {
            held_ += bytes;
            budget_->held_ += bytes;
        }
        void remove(std::size_t bytes) noexcept {
            held_ -= bytes;
            budget_->held_ -= bytes;
        }
        [[nodiscard]] bool is_full() const noexcept {
            return held_ >= budget_->per_address_max_ || budget_->held_ >= budget_->total_max_;
        }

    private:
        std::shared_ptr<Budget> budget_;
        IpAddress address_;
        std::size_t held_ = 0;
    };
    [[nodiscard]] std::shared_ptr<Share> share_of(const IpAddress& address) {
        std::weak_ptr<Share>& place = shares_[address];
        std::shared_ptr<Share> there = place.lock();
        if (!there) place = there = std::make_shared<Share>(shared_from_this(), address);
        return there;
    }
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

private:
    std::size_t total_max_;
    std::size_t per_address_max_;
    std::size_t held_ = 0;
    std::map<IpAddress, std::weak_ptr<Share>> shares_;
};

}  // namespace strata::session::rpc
