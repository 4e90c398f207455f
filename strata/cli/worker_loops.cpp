#include "strata/cli/worker_loops.hpp"

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "strata/5_session/kernel/network.hpp"

namespace strata::cli {

class WorkerLoops::Loop {
public:
    explicit Loop(const ServicePlans& plans) : services_(network_, plans) {}
    ~Loop() { stop({}); }

    void listen(const std::vector<session::Address>& at) {
        for (std::size_t i = 0; i < at.size(); ++i) services_.start(i, network_.listen(at[i]));
    }
    void begin() {
        thread_ = std::jthread([this] {
            io_.run();
            ended_ = true;
        });
    }
    void stop(std::chrono::steady_clock::time_point deadline) {
        boost::asio::post(io_, [this, deadline] {
            deadline_ = deadline;
            services_.stop();
            wait_until_idle();
        });
    }
    [[nodiscard]] bool ended() const noexcept { return ended_; }

private:
    void wait_until_idle() {
        if (services_.idle() || std::chrono::steady_clock::now() >= deadline_) {
            services_.abort();
            // Behind what that has ended, and told of.
            return boost::asio::post(io_, [this] { io_.stop(); });
        }
        timer_.expires_after(std::chrono::milliseconds(20));
        timer_.async_wait([this](const session::error_code& error) {
            if (!error) wait_until_idle();
        });
    }

    boost::asio::io_context io_{1};
    session::KernelNetwork network_{io_, {.reuse_port = true}};
    Services services_;
    boost::asio::steady_timer timer_{io_};
    std::chrono::steady_clock::time_point deadline_;
    std::atomic<bool> ended_ = false;
    std::jthread thread_;  // joined before the rest is destroyed
};

WorkerLoops::WorkerLoops(std::size_t count, const std::vector<session::Address>& at, const ServicePlans& plans) {
    {
        // Whoever else shares the port in the same way would get half
        // of the conversations: alone, it must be free.
        boost::asio::io_context io{1};
        session::KernelNetwork alone{io};
        for (const session::Address& address : at) addresses_.push_back(alone.listen(address).local());
    }
    for (std::size_t i = 0; i < count; ++i) {
        loops_.push_back(std::make_unique<Loop>(plans));
        loops_.back()->listen(addresses_);
    }
}

WorkerLoops::~WorkerLoops() = default;

void WorkerLoops::begin() {
    for (const auto& loop : loops_) loop->begin();
}

void WorkerLoops::stop(std::chrono::steady_clock::time_point deadline) {
    for (const auto& loop : loops_) loop->stop(deadline);
}

bool WorkerLoops::ended() const noexcept {
    for (const auto& loop : loops_) {
        if (!loop->ended()) return false;
    }
    return true;
}

}  // namespace strata::cli
