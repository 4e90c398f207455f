// StreamService: a Service whose clients are Conversations: the server of a protocol over streams.
#pragma once

#include <utility>

#include "strata/7_application/service.hpp"
#include "strata/7_application/serving/conversations.hpp"

namespace strata::application {

class StreamService : public Service {
public:
    [[nodiscard]] session::Address start(const session::Address& at, session::error_code& error) final {
        session::Acceptor acceptor = network_.listen(at, error);
        if (error) return {};
        const session::Address local = acceptor.local();
        start(std::move(acceptor));
        return local;
    }
    // Where the caller listens.
    void start(session::Acceptor acceptor) { conversations_.start(std::move(acceptor)); }
    // Conversations that are idle end; what is being sent is finished.
    void stop() final { conversations_.stop(); }
    // So does the destructor.
    void abort() final { conversations_.abort(); }
    // With those that are being turned away.
    [[nodiscard]] std::size_t active() const noexcept final { return conversations_.active(); }

protected:
    // The network is that of the conversations, and outlives it.
    StreamService(session::Network& network, Conversations conversations)
        : network_(network), conversations_(std::move(conversations)) {}

private:
    session::Network& network_;
    Conversations conversations_;
};

}  // namespace strata::application
