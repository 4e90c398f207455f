#include "strata/5_session/stack/datagram.hpp"

#include <boost/asio/error.hpp>

#include "strata/5_session/asio/error.hpp"

namespace strata::session {

StackDatagram::StackDatagram(const std::shared_ptr<StackLife>& stack, std::unique_ptr<transport::UdpSocket> socket)
    : StackMember(*stack),
      stack_(stack),
      executor_(stack->executor),
      socket_(std::move(socket)),
      local_(socket_->local()) {
    socket_->set_user(this);
}

StackDatagram::~StackDatagram() { close(); }

void StackDatagram::start_receive(asio::mutable_buffer buffer, ReceiveHandler handler) {
    if (waiting_) return handler.complete(asio::error::in_progress, 0, Address{});
    if (!socket_ || stack_.expired()) return handler.complete(asio::error::bad_descriptor, 0, Address{});
    buffer_ = buffer;
    waiting_.start(std::move(handler), [this] { waiting_.abort(); });
    readable();
}

void StackDatagram::readable() {
    if (!waiting_ || !socket_ || !socket_->readable()) return;
    const auto received = socket_->receive({static_cast<std::byte*>(buffer_.data()), buffer_.size()});
    if (!received && received.error() == Error::would_block) return;
    if (received) {
        waiting_.complete({}, received->size, Address{received->from});
    } else {
        waiting_.complete(to_asio(received.error()), 0, Address{});
    }
}

void StackDatagram::start_send(asio::const_buffer buffer, const Address& to, SendHandler handler) {
    const auto stack = stack_.lock();
    if (!socket_ || !stack) return handler.complete(asio::error::bad_descriptor, 0);
    if (to.is_unix()) return handler.complete(asio::error::address_family_not_supported, 0);
    stack->scheduler.update();
    std::optional<Endpoint> destination;
    if (to != Address{}) destination = to.endpoint();
    const auto sent = socket_->send({static_cast<const std::byte*>(buffer.data()), buffer.size()}, destination);
    if (sent) {
        handler.complete({}, *sent);
    } else if (sent.error() == Error::would_block) {
        // A link that is full loses a datagram, as a router would: UDP promises nothing (RFC 768).
        handler.complete({}, buffer.size());
    } else {
        handler.complete(to_asio(sent.error()), 0);
    }
}

error_code StackDatagram::connect(const Address& remote) {
    if (!socket_ || stack_.expired()) return asio::error::bad_descriptor;
    if (remote.is_unix()) return asio::error::address_family_not_supported;
    const error_code error = to_asio(socket_->connect(remote.endpoint()));
    local_ = socket_->local();
    return error;
}

void StackDatagram::set_broadcast(bool allowed) {
    if (socket_ && !stack_.expired()) socket_->set_broadcast(allowed);
}

void StackDatagram::cancel() { waiting_.abort(); }

void StackDatagram::close() {
    cancel();
    if (stack_.expired()) {
        (void)socket_.release();  // its Udp is gone, and the socket's books with it
    }
    socket_.reset();
}

}  // namespace strata::session
