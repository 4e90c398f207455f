// OneAtATime: coroutines that take turns with something.
#pragma once

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>

#include "strata/5_session/network.hpp"

namespace strata::application::nfs::client {

class OneAtATime {
public:
    explicit OneAtATime(session::Network& network) : network_(network) {}  // which outlives it

    // Waits for one's turn; then an object of Turn ends it.
    [[nodiscard]] session::asio::awaitable<void> enter() {
        while (taken_) {
            session::Timer timer = network_.make_timer();
            const auto place = waiting_.insert(waiting_.end(), &timer);
            const auto forget = [this, place](void*) { waiting_.erase(place); };
            const std::unique_ptr<void, decltype(forget)> entry(this, forget);
            session::error_code woken;
            timer.expires_after(looks_again_after);
            co_await timer.async_wait(session::asio::redirect_error(session::asio::use_awaitable, woken));
        }
        taken_ = true;
    }

    class Turn {
    public:
        explicit Turn(OneAtATime& of) : of_(of) {}
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        ~Turn() {
            of_.taken_ = false;
            for (session::Timer* one : of_.waiting_) one->cancel();
        }

    private:
        OneAtATime& of_;
    };

private:
    static constexpr Duration looks_again_after = 1h;
    session::Network& network_;
    std::list<session::Timer*> waiting_;
    bool taken_ = false;
};

}  // namespace strata::application::nfs::client
