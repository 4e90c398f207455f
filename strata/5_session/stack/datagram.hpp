// StackDatagram: a Datagram on our own UDP.
#pragma once

#include "strata/4_transport/udp.hpp"
#include "strata/5_session/asio/waiting.hpp"
#include "strata/5_session/datagram.hpp"
#include "strata/5_session/stack/stream.hpp"

namespace strata::session {

class StackDatagram final : public DatagramImplementation, private transport::UdpSocketUser, private StackMember {
public:
    StackDatagram(const std::shared_ptr<StackLife>& stack, std::unique_ptr<transport::UdpSocket> socket);
    ~StackDatagram() override;

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void start_receive(asio::mutable_buffer buffer, ReceiveHandler handler) override;
    void start_send(asio::const_buffer buffer, const Address& to, SendHandler handler) override;
    error_code connect(const Address& remote) override;
    void set_broadcast(bool allowed) override;
    void cancel() override;
    void close() override;
    [[nodiscard]] Address local() const override { return Address{local_}; }

private:
    void readable() override;
    void abandon() noexcept override { waiting_.abandon(); }

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    std::unique_ptr<transport::UdpSocket> socket_;
    Endpoint local_;
    asio::mutable_buffer buffer_;
    Waiting<ReceiveHandler> waiting_;
};

}  // namespace strata::session
