#include "strata/5_session/stack/echo.hpp"

#include <boost/asio/error.hpp>
#include <vector>

#include "strata/3_network/icmp/icmp.hpp"
#include "strata/5_session/asio/error.hpp"
#include "strata/5_session/echo/icmp_words.hpp"
#include "strata/5_session/echo/table.hpp"

namespace strata::session {

// The client and its open questions.
class StackEcho::Waiting final : public network::EchoUser {
public:
    Waiting(StackEcho& owner, Entropy& entropy)
        : owner_(owner), table_(owner.executor_, entropy, [this] { settle(); }) {
        timeout_.set_action([this] { expire(); });
    }
    ~Waiting() override { table_.cancel(); }

    error_code open(network::Icmp& icmp) {
        auto client = icmp.open_echo(*this);
        if (!client) return to_asio(client.error());
        client_ = std::move(*client);
        return {};
    }

    void ask(StackLife& stack, const EchoRequest& request, EchoHandler handler) {
        if (!client_) return handler.complete(asio::error::bad_descriptor, session::EchoReply{});
        // This stack's floor 3 is IPv4.
        if (!request.destination.is_v4())
            return handler.complete(asio::error::address_family_not_supported, session::EchoReply{});
        stack.scheduler.update();
        const bool to_many = client_->reaches_many(request.destination);
        if (!table_.add(request, to_many, stack.scheduler.now(), std::move(handler))) return;
        arm(stack);
        const Bytes payload = table_.payload(request.payload_size);
        if (const auto error = client_->send(request.destination, request.sequence, payload, request.ttl))
            table_.not_sent(request.sequence, to_asio(error));
    }

    // The stack ends, and its Icmp with it: the client goes before that. The handlers may own us, and go last.
    void abandon() noexcept {
        client_.reset();
        table_.abandon();
    }
    void cancel() {
        table_.cancel();
        settle();
    }
    void set_listener(EchoListener listener) { table_.set_listener(std::move(listener)); }

    void echo_replied(const network::EchoReply& reply) override {
        const auto stack = owner_.stack_.lock();
        if (!stack) return;
        std::vector<std::byte> payload(reply.payload->size());
        reply.payload->copy_to(payload);
        table_.answered({reply.from, reply.sequence, reply.ttl, payload}, stack->scheduler.now());
        arm(*stack);
    }

    void echo_failed(std::uint16_t sequence, const network::ErrorReport& report) override {
        const auto stack = owner_.stack_.lock();
        if (!stack) return;
        const bool network = report.kind == network::ErrorReport::Kind::network_unreachable;
        const error_code error =
            network ? error_code{asio::error::network_unreachable} : error_code{asio::error::host_unreachable};
        table_.failed({report.destination, sequence, error, report.reporter, icmp_words(report.kind)},
                      stack->scheduler.now());
        arm(*stack);
    }

private:
    void arm(StackLife& stack) {
        if (const auto next = table_.next_deadline()) return stack.scheduler.arm(timeout_, *next);
        stack.scheduler.cancel(timeout_);
    }
    void settle() {
        if (const auto stack = owner_.stack_.lock()) arm(*stack);
    }
    void expire() {
        const auto stack = owner_.stack_.lock();
        if (!stack) return;
        table_.expire(stack->scheduler.now());
        arm(*stack);
    }

    StackEcho& owner_;
    EchoTable table_;
    std::unique_ptr<network::EchoClient> client_;
    strata::Timer timeout_;
};

StackEcho::StackEcho(const std::shared_ptr<StackLife>& stack, network::Icmp& icmp, Entropy& entropy)
    : StackMember(*stack),
      stack_(stack),
      executor_(stack->executor),
      waiting_(std::make_unique<Waiting>(*this, entropy)) {
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
