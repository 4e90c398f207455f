#include "strata/5_session/stack/echo.hpp"

#include <boost/asio/error.hpp>
#include <vector>

#include "strata/3_network/icmp/echo.hpp"
#include "strata/5_session/asio/error.hpp"
#include "strata/5_session/echo/icmp_words.hpp"
#include "strata/5_session/echo/table.hpp"

namespace strata::session::stack {
namespace {

class StackEcho final : public EchoImplementation, private network::EchoUser, private StackMember {
public:
    StackEcho(const std::shared_ptr<StackLife>& stack, network::Echo& echo, Entropy& entropy)
        : StackMember(*stack),
          stack_(stack),
          executor_(stack->executor),
          table_(executor_, entropy, [this] { settle(); }) {
        timeout_.set_action([this] { expire(); });
        auto client = echo.open(*this);
        if (client) {
            client_ = std::move(*client);
        } else {
            open_error_ = to_asio(client.error());
        }
    }
    ~StackEcho() override { table_.cancel(); }

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void start_echo(const EchoRequest& request, EchoHandler handler) override;
    void cancel() override {
        table_.cancel();
        settle();
    }
    void set_listener(EchoListener listener) override { table_.set_listener(std::move(listener)); }

private:
    void echo_replied(const network::EchoReply& reply) override;
    bool echo_failed(std::uint16_t sequence, const network::ErrorReport& report) override;
    // Its Echo, which the client must not outlive, ends with the stack.
    void abandon() noexcept override {
        client_.reset();
        table_.abandon();
    }

    void arm(StackLife& stack) {
        if (const auto next = table_.next_deadline()) return stack.scheduler.arm(timeout_, *next);
        stack.scheduler.cancel(timeout_);
    }
    void settle() {
        if (const auto stack = stack_.lock()) arm(*stack);
    }
    void expire() {
        const auto stack = stack_.lock();
        if (!stack) return;
        table_.expire(stack->scheduler.now());
        arm(*stack);
    }

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    EchoTable table_;
    std::unique_ptr<network::EchoClient> client_;  // until abandoned
    strata::Timer timeout_;
    error_code open_error_;
};

void StackEcho::start_echo(const EchoRequest& request, EchoHandler handler) {
    if (open_error_) return handler.complete(open_error_, EchoReply{});
    const auto stack = stack_.lock();
    if (!stack || !client_) return handler.complete(asio::error::bad_descriptor, EchoReply{});
    if (!client_->speaks(request.destination.version()))
        return handler.complete(asio::error::address_family_not_supported, EchoReply{});
    stack->scheduler.update();
    const bool non_unicast = client_->is_non_unicast(request.destination);
    if (!table_.add(request, non_unicast, stack->scheduler.now(), std::move(handler))) return;
    arm(*stack);
    const Bytes payload = table_.payload(request.payload_size);
    const network::EchoSendOptions how{
        .ttl = request.ttl, .fragmentation = request.fragmentation, .record_route = request.record_route};
    if (const auto error = client_->send(request.destination, request.sequence, payload, how))
        table_.not_sent(request.sequence, to_asio(error));
}

void StackEcho::echo_replied(const network::EchoReply& reply) {
    const auto stack = stack_.lock();
    if (!stack) return;
    std::vector<std::byte> payload(reply.payload->size());
    reply.payload->copy_to(payload);
    table_.answered({reply.from, reply.sequence, reply.ttl, payload, reply.route}, stack->scheduler.now());
    arm(*stack);
}

bool StackEcho::echo_failed(std::uint16_t sequence, const network::ErrorReport& report) {
    const auto stack = stack_.lock();
    if (!stack) return false;
    const error_code error = to_asio(network::error_of(report.kind));
    const bool known = table_.failed(
        {report.destination, sequence, error, report.reporter, icmp_words(report.kind), report.mtu, report.said},
        stack->scheduler.now());
    arm(*stack);
    return known;
}

}  // namespace

Echo make_echo(const std::shared_ptr<StackLife>& stack, network::Echo& echo, Entropy& entropy) {
    return Echo{std::make_unique<StackEcho>(stack, echo, entropy)};
}

}  // namespace strata::session::stack
