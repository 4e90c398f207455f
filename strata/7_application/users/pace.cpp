#include "strata/7_application/users/pace.hpp"

#include <algorithm>

namespace strata::application {

Duration LoginPace::delay_after(unsigned wrong) const noexcept {
    if (wrong < options_.free_max) return Duration{0};
    constexpr unsigned doublings_max = 20;
    const unsigned doublings = std::min(wrong - options_.free_max, doublings_max);
    return std::min(options_.first_delay * (1 << doublings), options_.delay_max);
}

Instant LoginPace::next_turn(const Account& account, Instant now) const {
    return std::max(now, saturating_add(account.at, delay_after(account.wrong)));
}

const LoginPace::Account* LoginPace::find(const IpAddress& from) const {
    const auto found = by_address_.find(from);
    return found == by_address_.end() ? nullptr : &*found->second;
}

LoginPace::Account& LoginPace::account_of(const IpAddress& from, Instant now) {
    if (const auto found = by_address_.find(from); found != by_address_.end()) {
        by_use_.splice(by_use_.begin(), by_use_, found->second);
        Account& account = by_use_.front();
        if (now - account.at >= options_.forget_after) account = Account{from};
        return account;
    }
    if (by_use_.size() >= std::max<std::size_t>(options_.addresses_max, 1)) {
        by_address_.erase(by_use_.back().address);
        by_use_.pop_back();
    }
    by_use_.push_front(Account{from});
    by_address_.emplace(from, by_use_.begin());
    return by_use_.front();
}

bool LoginPace::is_open(const IpAddress& from, Instant now) const {
    const Account* const account = find(from);
    return account == nullptr || next_turn(*account, now) - now <= options_.wait_max;
}

std::optional<LoginPace::Turn> LoginPace::take(const IpAddress& from, Guess guess, Instant now) {
    Account& account = account_of(from, now);
    if (account.guess == guess) return Turn{std::max(now, account.at), false};
    const Instant at = next_turn(account, now);
    if (at - now > options_.wait_max) return std::nullopt;
    ++account.wrong;
    account.at = at;
    account.guess = guess;
    account.guess_was_wrong = false;
    return Turn{at, true};
}

void LoginPace::was_right(const IpAddress& from, const Turn& turn) {
    const auto found = by_address_.find(from);
    if (!turn.counted || found == by_address_.end()) return;
    Account& account = *found->second;
    if (account.wrong > 0) --account.wrong;
}

void LoginPace::was_wrong(const IpAddress& from, Guess guess) {
    const auto found = by_address_.find(from);
    if (found != by_address_.end() && found->second->guess == guess) found->second->guess_was_wrong = true;
}

bool LoginPace::is_known_wrong(const IpAddress& from, Guess guess) const {
    const Account* const account = find(from);
    return account != nullptr && account->guess == guess && account->guess_was_wrong;
}

}  // namespace strata::application
