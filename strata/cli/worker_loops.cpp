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

    void start(std::size_t index, const session::Address& at, session::error_code& error) {
        (void)services_.start(index, at, error);
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

namespace {

// Whoever else shares the port in the same way would get half of the conversations: alone, it must
// be free.
session::Address free_address(const session::Address& at, Carried carried, session::error_code& error) {
    boost::asio::io_context io{1};
    session::KernelNetwork alone{io};
    if (carried == Carried::datagrams) {
        const session::Datagram socket = alone.open_datagram(at, error);
        return error ? session::Address{} : socket.local();
    }
    const session::Acceptor acceptor = alone.listen(at, error);
    return error ? session::Address{} : acceptor.local();
}

}  // namespace

WorkerLoops::WorkerLoops(std::size_t count, const ServicePlans& plans) : plans_(plans) {
    for (std::size_t i = 0; i < count; ++i) loops_.push_back(std::make_unique<Loop>(plans));
}

session::Address WorkerLoops::start(std::size_t index, const session::Address& at, session::error_code& error) {
    const session::Address address = free_address(at, plans_[index].carried, error);
    if (error) return {};
    for (const auto& loop : loops_) {
        loop->start(index, address, error);
        if (error) throw boost::system::system_error(error, "share " + address.to_string());
    }
    return address;
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
