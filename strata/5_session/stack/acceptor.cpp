#include "strata/5_session/stack/acceptor.hpp"

#include <boost/asio/error.hpp>

#include "strata/4_transport/tcp/listener/listener.hpp"
#include "strata/5_session/asio/waiting.hpp"
#include "strata/5_session/stack/stream.hpp"

namespace strata::session::stack {
namespace {

class StackAcceptor final : public AcceptorImplementation, private transport::tcp::ListenerUser, private StackMember {
public:
    StackAcceptor(const std::shared_ptr<StackLife>& stack, std::unique_ptr<transport::tcp::Listener> listener)
        : StackMember(*stack),
          stack_(stack),
          executor_(stack->executor),
          listener_(std::move(listener)),
          local_(listener_->local()) {
        listener_->set_user(this);
    }
    ~StackAcceptor() override { close(); }

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void start_accept(AcceptHandler handler) override {
        if (waiting_) return handler.complete(asio::error::in_progress, Stream{});
        if (!listener_ || stack_.expired()) return handler.complete(asio::error::bad_descriptor, Stream{});
        waiting_.start(std::move(handler), [this] { waiting_.abort(); });
        acceptable();
    }
    void close() final {
        waiting_.abort();
        if (const auto stack = stack_.lock()) stack->scheduler.update();
        listener_.reset();
    }
    [[nodiscard]] Address local() const override { return Address{local_}; }

private:
    void acceptable() override {
        const auto stack = stack_.lock();
        if (!waiting_ || !stack) return;
        transport::tcp::Connection* connection = listener_->accept();
        if (connection == nullptr) return;
        waiting_.complete({}, make_stream(stack, connection));
    }
    void abandon() noexcept override { waiting_.abandon(); }

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    std::unique_ptr<transport::tcp::Listener> listener_;  // until closed; may outlive its Tcp
    Endpoint local_;
    Waiting<AcceptHandler> waiting_;
};

}  // namespace

Acceptor make_acceptor(const std::shared_ptr<StackLife>& stack, std::unique_ptr<transport::tcp::Listener> listener) {
    return Acceptor{std::make_unique<StackAcceptor>(stack, std::move(listener))};
}

}  // namespace strata::session::stack
