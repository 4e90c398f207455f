#include "strata/7_application/serving/turns.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::application {

namespace asio = session::asio;

// Lives in the frame of the coroutine that waits, and leaves the queue with it.
struct Turns::Waiting {
    Waiting(Turns& among, session::Timer given)
        : turns(among), timer(std::move(given)), place(among.waiting_.insert(among.waiting_.end(), this)) {}
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
        if (!called) turns.waiting_.erase(place);
    }
    Turns& turns;
    session::Timer timer;
    std::list<Waiting*>::iterator place;
    bool called = false;
};

asio::awaitable<Turns::Turn> Turns::wait() {
    if (free_ > 0) {
        --free_;
        co_return Turn(*this);
    }
    Waiting waiting(*this, network_.make_timer());
    while (!waiting.called) {
        waiting.timer.expires_after(Duration::max());
        session::error_code ignored;
        co_await waiting.timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    co_return Turn(*this);
}

void Turns::give_back() {
    if (waiting_.empty()) {
        ++free_;
        return;
    }
    Waiting& first = *waiting_.front();
    waiting_.pop_front();
    first.called = true;
    first.timer.cancel();
}

}  // namespace strata::application
