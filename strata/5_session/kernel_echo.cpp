#include "strata/5_session/kernel_echo.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "strata/5_session/echo_socket.hpp"

namespace strata::session::kernel {
namespace {

constexpr std::size_t payload_size_max = 65507;  // what an IPv4 packet holds behind its header and ICMP's

Instant monotonic_now() {
    return Instant{std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

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
};

// One echo at a time: its request, its handler, and the timer that gives it up.
class Exchange : public std::enable_shared_from_this<Exchange> {
public:
    Exchange(asio::io_context& io, Entropy& entropy) : io_(io), entropy_(entropy), timer_(io) {
        identifier_ = static_cast<std::uint16_t>(entropy.next());
    }
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
        if (handler_) return handler.complete(asio::error::in_progress, {});
        if (request.payload_size > payload_size_max) return handler.complete(asio::error::message_size, {});
        const bool v6 = !request.destination.is_v4();
        error_code error = open(v6);
        if (error) return handler.complete(error, {});
        Watched& via = v6 ? *v6_ : *v4_;
        take_more(via);
        via_ = &via;
        request_ = request;
        payload_.resize(request.payload_size);
        entropy_.fill(payload_);
        sent_at_ = monotonic_now();
        error = via.socket.send(request, payload_);
        if (error) return handler.complete(error, {});
        handler.on_cancel(weak_from_this(), [this] { finish(asio::error::operation_aborted, {}); });
        handler_ = std::move(handler);
        ++turn_;
        wait_for_answer(via);
        wait_for_timeout();
    }
    void finish(error_code error, EchoReply reply) {
        if (!handler_) return;
        timer_.cancel();
        for (const auto& watched : {v4_.get(), v6_.get()}) {
            if (watched != nullptr) watched->descriptor.cancel();
        }
        auto handler = std::exchange(handler_, {});
        if (listener_) wait_for_answer(*via_);
        handler.complete(error, std::move(reply));
    }
    void set_listener(EchoListener listener) { listener_ = std::move(listener); }
    void close() {
        listener_ = {};
        finish(asio::error::operation_aborted, {});
        for (const auto& watched : {v4_.get(), v6_.get()}) {
            if (watched != nullptr) watched->descriptor.cancel();
        }
    }

private:
    void wait_for_answer(Watched& via) {
        via.descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                  [self = shared_from_this(), turn = turn_, &via](error_code error) {
                                      if (error || turn != self->turn_) return;
                                      if (self->handler_) return self->answers(via);
                                      if (!self->listener_) return;
                                      self->take_more(via);
                                      self->wait_for_answer(via);
                                  });
    }
    void wait_for_timeout() {
        timer_.expires_after(request_.timeout);
        timer_.async_wait([self = shared_from_this(), turn = turn_](error_code error) {
            if (!error && turn == self->turn_) self->finish(asio::error::timed_out, {});
        });
    }
    // What the latest request brought: its answer, or an error.
    std::optional<EchoSocket::Arrival> next_arrival(Watched& via) {
        const Instant arrived_at = monotonic_now();
        while (auto arrival = via.socket.receive()) {
            EchoReply& reply = arrival->reply;
            if (!arrival->error && reply.sequence != request_.sequence) continue;
            reply.sequence = request_.sequence;
            reply.round_trip = arrived_at - sent_at_;
            reply.intact = arrival->error || std::ranges::equal(arrival->payload, payload_);
            return arrival;
        }
        return std::nullopt;
    }
    void answers(Watched& via) {
        if (auto arrival = next_arrival(via)) return finish(arrival->error, std::move(arrival->reply));
        wait_for_answer(via);
    }
    void take_more(Watched& via) {
        while (auto arrival = next_arrival(via)) {
            if (!arrival->error && listener_) listener_(arrival->reply);
        }
    }

    asio::io_context& io_;
    Entropy& entropy_;
    asio::steady_timer timer_;
    std::uint16_t identifier_ = 0;
    std::unique_ptr<Watched> v4_;
    std::unique_ptr<Watched> v6_;
    EchoRequest request_;
    std::vector<std::byte> payload_;
    Instant sent_at_{};
    std::uint64_t turn_ = 0;
    EchoHandler handler_;
    EchoListener listener_;
    Watched* via_ = nullptr;  // what the latest request went by
};

class KernelEcho final : public EchoImplementation {
public:
    explicit KernelEcho(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}
    ~KernelEcho() override { exchange_->close(); }
    [[nodiscard]] asio::any_io_executor get_executor() const override { return exchange_->get_executor(); }
    void start_echo(const EchoRequest& request, EchoHandler handler) override {
        exchange_->start(request, std::move(handler));
    }
    void cancel() override { exchange_->finish(asio::error::operation_aborted, {}); }
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
