#include "strata/5_session/kernel/echo/echo.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "strata/5_session/kernel/deadline_timer.hpp"
#include "strata/5_session/kernel/echo/socket.hpp"

namespace strata::session::kernel {
namespace {

// A socket, and the event loop's eye on it.
struct Watched {
    Watched(asio::io_context& io, bool v6, std::uint16_t identifier, error_code& error)
        : socket(v6, identifier, error), descriptor(io) {
        if (!error) descriptor.assign(socket.descriptor(), error);
    }
    ~Watched() {
        if (descriptor.is_open()) descriptor.release();  // the socket closes it
    }
    EchoSocket socket;
    asio::posix::stream_descriptor descriptor;
    bool watching = false;
};

// The sockets, what waits, and the timer that gives it up.
class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    Exchange(asio::io_context& io, Entropy& entropy)
        : io_(io),
          timer_(io),
          identifier_(static_cast<std::uint16_t>(entropy.next())),
          table_(io.get_executor(), entropy, [this] { settle(); }) {}
    [[nodiscard]] asio::any_io_executor get_executor() { return io_.get_executor(); }

    error_code open(bool v6) {
        error_code error;
        auto& place = v6 ? v6_ : v4_;
        if (!place) {
            auto opened = std::make_unique<Watched>(io_, v6, identifier_, error);
            if (!error) place = std::move(opened);
        }
        return error;
    }

    void start(const EchoRequest& request, EchoHandler handler) {
        const bool v6 = !request.destination.is_v4();
        if (const error_code error = open(v6)) return handler.complete(error, {});
        Watched& via = v6 ? *v6_ : *v4_;
        const bool non_unicast = via.socket.is_non_unicast(request.destination);
        if (!table_.add(request, non_unicast, DeadlineTimer::now(), std::move(handler))) return;
        if (const error_code error = via.socket.send(request, table_.payload(request.payload_size)))
            table_.not_sent(request.sequence, error);
        settle();
    }
    void cancel() {
        table_.cancel();
        settle();
    }
    void set_listener(EchoListener listener) {
        table_.set_listener(std::move(listener));
        settle();
    }
    void close() {
        table_.set_listener({});
        cancel();
    }

private:
    [[nodiscard]] bool is_needed() const { return table_.waiting() > 0 || table_.has_listener(); }

    // The sockets are watched, and the timer runs, as long as something can come of it, and no
    // longer: an event loop must be able to end.
    void settle() {
        for (Watched* via : {v4_.get(), v6_.get()}) {
            if (via == nullptr) continue;
            is_needed() ? watch(*via) : via->descriptor.cancel();
        }
        timer_.arm(table_.next_deadline(), weak_from_this(), &Exchange::expire);
    }
    void expire() {
        table_.expire(DeadlineTimer::now());
        settle();
    }
    void watch(Watched& via) {
        if (std::exchange(via.watching, true)) return;
        via.descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                  [self = shared_from_this(), &via](error_code error) {
                                      via.watching = false;
                                      if (!error) self->take(via);
                                      if (!error || error == asio::error::operation_aborted) self->settle();
                                  });
    }
    // Bounded, so that a flood of answers leaves the loop's other work its turn; the next wait is
    // ready at once.
    void take(Watched& via) {
        constexpr int arrivals_a_turn = 64;
        for (int i = 0; i < arrivals_a_turn; ++i) {
            const auto arrival = via.socket.receive();
            if (!arrival) return;
            if (arrival->answer) table_.answered(*arrival->answer, DeadlineTimer::now());
            if (arrival->failure) table_.failed(*arrival->failure, DeadlineTimer::now());
        }
    }

    asio::io_context& io_;
    DeadlineTimer timer_;
    std::uint16_t identifier_ = 0;
    EchoTable table_;
    std::unique_ptr<Watched> v4_;
    std::unique_ptr<Watched> v6_;
};

class KernelEcho final : public EchoImplementation {
public:
    explicit KernelEcho(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    ~KernelEcho() override { exchange_->close(); }
    [[nodiscard]] asio::any_io_executor get_executor() const override { return exchange_->get_executor(); }
    void start_echo(const EchoRequest& request, EchoHandler handler) override {
        exchange_->start(request, std::move(handler));
    }
    void cancel() override { exchange_->cancel(); }
    void set_listener(EchoListener listener) override { exchange_->set_listener(std::move(listener)); }

private:
    std::shared_ptr<Exchange> exchange_;
};

}  // namespace

Echo make_echo(asio::io_context& io, Entropy& entropy, error_code& error) {
    auto exchange = std::make_shared<Exchange>(io, entropy);
    error = exchange->open(false);
    return Echo{std::make_unique<KernelEcho>(std::move(exchange))};
}

}  // namespace strata::session::kernel
