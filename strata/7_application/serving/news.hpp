// News: coroutines wait for it, however many, and are told together that something has changed.
//
// The waiting coroutine looks itself what it was. Used by coroutines
// that keep alive what it is part of.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <list>

#include "strata/5_session/network.hpp"

namespace strata::application {

class News {
public:
    explicit News(session::Network& network) : network_(network) {}
    News(const News&) = delete;
    News& operator=(const News&) = delete;

    // False if the time ran out before.
    [[nodiscard]] session::asio::awaitable<bool> next(Duration at_most = 1h) {
        Waiting waiting(*this);
        session::error_code told;
        waiting.timer.expires_after(at_most);
        co_await waiting.timer.async_wait(session::asio::redirect_error(session::asio::use_awaitable, told));
        co_return static_cast<bool>(told);
    }
    void tell() {
        for (Waiting* waiting : waiting_) waiting->timer.cancel();
    }

private:
    struct Waiting {
        explicit Waiting(News& news)
            : timer(news.network_.make_timer()), of(news), place(news.waiting_.insert(news.waiting_.end(), this)) {}
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        ~Waiting() { of.waiting_.erase(place); }
        session::Timer timer;
        News& of;
        std::list<Waiting*>::iterator place;
    };
    session::Network& network_;
    std::list<Waiting*> waiting_;
};

}  // namespace strata::application
