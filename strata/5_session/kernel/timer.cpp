#include "strata/5_session/kernel/timer.hpp"

#include <boost/asio/steady_timer.hpp>

namespace strata::session::kernel {
namespace {

class KernelTimer final : public TimerImplementation {
public:
    explicit KernelTimer(asio::io_context& io) : timer_(io) {}
    [[nodiscard]] asio::any_io_executor get_executor() const override {
        return const_cast<asio::steady_timer&>(timer_).get_executor();
    }
    void expires_after(Duration duration) override { timer_.expires_after(duration); }
    void start_wait(WaitHandler handler) override { timer_.async_wait(std::move(handler)); }
    void cancel() override { timer_.cancel(); }

private:
    asio::steady_timer timer_;
};

}  // namespace

Timer make_timer(asio::io_context& io) { return Timer{std::make_unique<KernelTimer>(io)}; }

}  // namespace strata::session::kernel
