// StackEcho: ICMP echo on our own network floor.
#pragma once

#include "strata/0_foundation/entropy.hpp"
#include "strata/5_session/echo.hpp"
#include "strata/5_session/stack/life.hpp"

namespace strata::network {
class Icmp;
}

namespace strata::session {

class StackEcho final : public EchoImplementation, private StackMember {
public:
    StackEcho(const std::shared_ptr<StackLife>& stack, network::Icmp& icmp, Entropy& entropy);
    ~StackEcho() override;

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void start_echo(const EchoRequest& request, EchoHandler handler) override;
    void cancel() override;
    void set_listener(EchoListener listener) override;

private:
    void abandon() noexcept override;
    class Waiting;
    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    std::unique_ptr<Waiting> waiting_;
    error_code open_error_;
};

}  // namespace strata::session
