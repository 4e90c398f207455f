// StreamService: a Service whose clients are Conversations: the server of a protocol over streams.
#pragma once

#include <utility>

#include "strata/7_application/service.hpp"
#include "strata/7_application/serving/conversations.hpp"

namespace strata::application {

class StreamService : public Service {
public:
    void start(session::Acceptor acceptor) final { conversations_.start(std::move(acceptor)); }
    // Conversations that are idle end; what is being sent is finished.
    void stop() final { conversations_.stop(); }
    // So does the destructor.
    void abort() final { conversations_.abort(); }
    // With those that are being turned away.
    [[nodiscard]] std::size_t active() const noexcept final { return conversations_.active(); }

protected:
    explicit StreamService(Conversations conversations) : conversations_(std::move(conversations)) {}

private:
    Conversations conversations_;
};

}  // namespace strata::application
