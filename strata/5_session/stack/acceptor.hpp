// StackAcceptor: an Acceptor on our own TCP.
#pragma once

#include "strata/5_session/acceptor.hpp"
#include "strata/5_session/asio/waiting.hpp"
#include "strata/5_session/stack/stream.hpp"

namespace strata::session {

class StackAcceptor final : public AcceptorImplementation, private transport::tcp::ListenerUser, private StackMember {
public:
    StackAcceptor(const std::shared_ptr<StackLife>& stack, std::unique_ptr<transport::tcp::Listener> listener);
    ~StackAcceptor() override;

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void start_accept(AcceptHandler handler) override;
    void close() override;
    [[nodiscard]] Address local() const override { return Address{local_}; }

private:
    void acceptable() override;
    void abandon() noexcept override { waiting_.abandon(); }

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    std::unique_ptr<transport::tcp::Listener> listener_;
    Endpoint local_;
    Waiting<AcceptHandler> waiting_;
};

}  // namespace strata::session
