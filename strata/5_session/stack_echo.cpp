#include "strata/5_session/stack_echo.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <vector>

#include "strata/3_network/icmp/icmp.hpp"
#include "strata/5_session/asio_error.hpp"

namespace strata::session {

// The client and the one question that is open.
class StackEcho::Waiting final : public network::EchoUser {
public:
    Waiting(StackEcho& owner, std::uint64_t pattern) : owner_(owner), pattern_(pattern) {
        timeout_.set_action([this] { finish(asio::error::timed_out, {}); });
    }
    ~Waiting() override {
        if (handler_) handler_.complete(asio::error::operation_aborted, session::EchoReply{});
        if (owner_.stack_.expired()) (void)client_.release();  // its Icmp is gone
    }

    error_code open(network::Icmp& icmp) {
        auto client = icmp.open_echo(*this);
        if (!client) return to_asio(client.error());
        client_ = std::move(*client);
        return {};
    }

    void ask(StackLife& stack, const EchoRequest& request, EchoHandler handler) {
        if (handler_) return handler.complete(asio::error::in_progress, session::EchoReply{});
        handler_ = std::move(handler);
        handler_.on_cancel(alive_, [this] { finish(asio::error::operation_aborted, {}); });
        sequence_ = request.sequence;
        payload_.resize(std::min(request.payload_size, payload_max));
        for (std::size_t i = 0; i < payload_.size(); ++i) {
            payload_[i] =
                std::byte{static_cast<std::uint8_t>(pattern_ >> (i % 8 * 8))} ^ std::byte{static_cast<std::uint8_t>(i)};
        }
        stack.scheduler.update();
        sent_at_ = stack.scheduler.now();
        stack.scheduler.arm(timeout_, saturating_add(sent_at_, request.timeout));
        if (const auto error = client_->send(request.destination, request.sequence, payload_, request.ttl))
            finish(to_asio(error), {});
    }

    void abandon() noexcept { const EchoHandler waiting = std::move(handler_); }
    void cancel() { finish(asio::error::operation_aborted, {}); }
    void set_listener(EchoListener listener) { listener_ = std::move(listener); }

    void echo_replied(const network::EchoReply& reply) override {
        const auto stack = owner_.stack_.lock();
        if (!stack || reply.sequence != sequence_) return;
        std::vector<std::byte> returned(reply.payload->size());
        reply.payload->copy_to(returned);
        const session::EchoReply answer{reply.from,
                                        reply.sequence,
                                        returned.size() + header_size,
                                        reply.ttl,
                                        stack->scheduler.now() - sent_at_,
                                        returned == payload_};
        if (handler_) return finish({}, answer);
        if (listener_) listener_(answer);
    }

    void echo_failed(std::uint16_t sequence, const network::ErrorReport& report) override {
        if (sequence != sequence_) return;
        using Kind = network::ErrorReport::Kind;
        const error_code error = report.kind == Kind::network_unreachable ? error_code{asio::error::network_unreachable}
                                                                          : error_code{asio::error::host_unreachable};
        session::EchoReply reply;
        reply.from = report.reporter;
        reply.sequence = sequence;
        finish(error, reply);
    }

private:
    static constexpr std::size_t payload_max = 65507;
    static constexpr std::size_t header_size = 8;

    void finish(error_code error, const session::EchoReply& reply) {
        if (const auto stack = owner_.stack_.lock()) stack->scheduler.cancel(timeout_);
        if (handler_) std::exchange(handler_, {}).complete(error, reply);
    }

    StackEcho& owner_;
    std::uint64_t pattern_;
    std::unique_ptr<network::EchoClient> client_;
    EchoHandler handler_;
    EchoListener listener_;
    std::uint16_t sequence_ = 0;
    std::vector<std::byte> payload_;
    Instant sent_at_{};
    strata::Timer timeout_;
    std::shared_ptr<void> alive_ = std::make_shared<char>();
};

StackEcho::StackEcho(const std::shared_ptr<StackLife>& stack, network::Icmp& icmp, Entropy& entropy)
    : StackMember(*stack),
      stack_(stack),
      executor_(stack->executor),
      waiting_(std::make_unique<Waiting>(*this, entropy.next())) {
    open_error_ = waiting_->open(icmp);
}

StackEcho::~StackEcho() = default;

void StackEcho::start_echo(const EchoRequest& request, EchoHandler handler) {
    const auto stack = stack_.lock();
    if (open_error_ || !stack)
        return handler.complete(open_error_ ? open_error_ : error_code{asio::error::bad_descriptor}, EchoReply{});
    waiting_->ask(*stack, request, std::move(handler));
}

void StackEcho::abandon() noexcept { waiting_->abandon(); }

void StackEcho::cancel() { waiting_->cancel(); }

void StackEcho::set_listener(EchoListener listener) { waiting_->set_listener(std::move(listener)); }

}  // namespace strata::session
