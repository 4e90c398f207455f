// Acceptor: waits for conversations that peers begin. Network::listen makes one; servers call it,
// mostly through accept_each.
#pragma once

#include "strata/5_session/stream.hpp"

namespace strata::session {

using AcceptHandler = AnyHandler<error_code, Stream>;

class AcceptorImplementation {
public:
    virtual ~AcceptorImplementation() = default;  // stops listening
    [[nodiscard]] virtual asio::any_io_executor get_executor() const = 0;
    virtual void start_accept(AcceptHandler handler) = 0;
    virtual void close() = 0;  // stops listening; a waiting accept ends with operation_aborted
    [[nodiscard]] virtual Address local() const = 0;
};

class Acceptor {
public:
    using executor_type = asio::any_io_executor;
    Acceptor() = default;
    explicit Acceptor(std::unique_ptr<AcceptorImplementation> implementation)
        : implementation_(std::move(implementation)) {}

    [[nodiscard]] executor_type get_executor() const { return implementation_->get_executor(); }
    // Completes with (error_code, Stream). One at a time.
    template <typename Token = asio::default_completion_token_t<executor_type>>
    auto async_accept(Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, Stream)>(
            [implementation = implementation_.get()](auto handler) {
                implementation->start_accept(AcceptHandler{std::move(handler), implementation->get_executor()});
            },
            token);
    }
    void close() {
        if (implementation_) implementation_->close();
    }
    // With the port that was chosen, if 0 was asked for.
    [[nodiscard]] Address local() const { return implementation_->local(); }

private:
    std::unique_ptr<AcceptorImplementation> implementation_;
};

}  // namespace strata::session
