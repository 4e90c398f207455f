#include "strata/5_session/stack/acceptor.hpp"

#include <boost/asio/error.hpp>

namespace strata::session {

StackAcceptor::StackAcceptor(const std::shared_ptr<StackLife>& stack,
                             std::unique_ptr<transport::tcp::Listener> listener)
    : StackMember(*stack),
      stack_(stack),
      executor_(stack->executor),
      listener_(std::move(listener)),
      local_(listener_->local()) {
    listener_->set_user(this);
}

StackAcceptor::~StackAcceptor() { close(); }

void StackAcceptor::start_accept(AcceptHandler handler) {
    if (waiting_) return handler.complete(asio::error::in_progress, Stream{});
    if (!listener_ || stack_.expired()) return handler.complete(asio::error::bad_descriptor, Stream{});
    waiting_.start(std::move(handler), [this] { waiting_.abort(); });
    acceptable();
}

void StackAcceptor::acceptable() {
    const auto stack = stack_.lock();
    if (!waiting_ || !stack) return;
    transport::tcp::Connection* connection = listener_->accept();
    if (connection == nullptr) return;
    waiting_.complete({}, Stream{std::make_unique<StackStream>(stack, connection)});
}

void StackAcceptor::close() {
    waiting_.abort();
    if (const auto stack = stack_.lock()) stack->scheduler.update();
    listener_.reset();
}

}  // namespace strata::session
