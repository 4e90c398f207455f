#include "strata/5_session/stack/datagram.hpp"

#include <boost/asio/error.hpp>

#include "strata/4_transport/udp/udp.hpp"
#include "strata/5_session/asio/error.hpp"
#include "strata/5_session/asio/waiting.hpp"

namespace strata::session::stack {
namespace {

class StackDatagram final : public DatagramImplementation, private transport::UdpSocketUser, private StackMember {
public:
    StackDatagram(const std::shared_ptr<StackLife>& stack, std::unique_ptr<transport::UdpSocket> socket)
        : StackMember(*stack),
          stack_(stack),
          executor_(stack->executor),
          socket_(std::move(socket)),
          local_(socket_->local()) {
        socket_->set_user(this);
    }
    ~StackDatagram() override { close(); }

    [[nodiscard]] asio::any_io_executor get_executor() const override { return executor_; }
    void start_receive(asio::mutable_buffer buffer, ReceiveHandler handler) override {
        if (waiting_ || burst_waiting_) return handler.complete(asio::error::in_progress, 0, Address{});
        if (!socket_) return handler.complete(asio::error::bad_descriptor, 0, Address{});
        buffer_ = buffer;
        waiting_.start(std::move(handler), [this] { waiting_.abort(); });
        readable();
    }
    void start_receive_burst(DatagramBurst& into, WaitHandler handler) override {
        if (waiting_ || burst_waiting_) return handler.complete(asio::error::in_progress);
        if (!socket_) return handler.complete(asio::error::bad_descriptor);
        burst_ = &into;
        burst_waiting_.start(std::move(handler), [this] { burst_waiting_.abort(); });
        readable();
    }
    void start_send(asio::const_buffer buffer, const Address& to, SendHandler handler) override;
    std::size_t send_at_once(std::span<const Bytes> datagrams, const Address& to) override;
    error_code connect(const Address& remote) override;
    void set_broadcast(bool allowed) override {
        if (socket_) socket_->set_broadcast(allowed);
    }
    error_code set_ttl(std::uint8_t ttl) override {
        if (ttl == 0) return asio::error::invalid_argument;
        return with_socket([&](transport::UdpSocket& socket) { socket.set_ttl(ttl); });
    }
    error_code set_traffic_class(std::uint8_t traffic_class) override {
        return with_socket([&](transport::UdpSocket& socket) { socket.set_traffic_class(traffic_class); });
    }
    error_code set_fragmentation(Fragmentation how) override {
        return with_socket([&](transport::UdpSocket& socket) { socket.set_fragmentation(how); });
    }
    error_code join_group(const GroupMembership& membership) override {
        const bool any = membership.source.is_any();
        return request(any ? transport::GroupRequest::join : transport::GroupRequest::join_source, membership);
    }
    error_code leave_group(const GroupMembership& membership) override {
        const bool any = membership.source.is_any();
        return request(any ? transport::GroupRequest::leave : transport::GroupRequest::leave_source, membership);
    }
    error_code set_multicast_ttl(std::uint8_t ttl) override {
        if (ttl == 0) return asio::error::invalid_argument;
        return with_socket([&](transport::UdpSocket& socket) { socket.set_multicast_ttl(ttl); });
    }
    error_code set_multicast_loop(bool loop) override {
        return with_socket([&](transport::UdpSocket& socket) { socket.set_multicast_loop(loop); });
    }
    error_code set_multicast_interface(const IpAddress& own) override {
        if (!socket_) return asio::error::bad_descriptor;
        return to_asio(socket_->set_multicast_interface(own));
    }
    error_code bind_to_interface(const std::string& name) override {
        if (!socket_) return asio::error::bad_descriptor;
        return to_asio(socket_->bind_to_interface(name));
    }
    void cancel() override {
        waiting_.abort();
        burst_waiting_.abort();
    }
    void close() final {
        cancel();
        socket_.reset();
    }
    [[nodiscard]] Address local() const override { return Address{local_}; }

private:
    template <typename Change>
    error_code with_socket(Change&& change) {
        if (!socket_) return asio::error::bad_descriptor;
        change(*socket_);
        return {};
    }
    error_code request(transport::GroupRequest what, const GroupMembership& membership);
    void readable() override;
    void fill_burst();
    // Its Udp, which the socket must not outlive, ends with the stack.
    void abandon() noexcept override {
        socket_.reset();
        // One of them at most; it may be what keeps us.
        if (burst_waiting_) return burst_waiting_.abandon();
        waiting_.abandon();
    }

    std::weak_ptr<StackLife> stack_;
    asio::any_io_executor executor_;
    std::unique_ptr<transport::UdpSocket> socket_;  // until closed, or abandoned
    Endpoint local_;
    asio::mutable_buffer buffer_;
    Waiting<ReceiveHandler> waiting_;
    DatagramBurst* burst_ = nullptr;  // its operation's
    Waiting<WaitHandler> burst_waiting_;
};

void StackDatagram::fill_burst() {
    burst_->clear();
    std::error_code failed;
    for (std::size_t place = 0; !failed && place < burst_->places() && socket_->readable(); ++place) {
        const auto received = socket_->receive(burst_->place(place));
        if (received) {
            burst_->add(received->size, Address{received->from});
        } else {
            failed = received.error();
        }
    }
    // What came before an error is told before it.
    if (!burst_->is_empty()) return burst_waiting_.complete({});
    if (failed && failed != Error::would_block) burst_waiting_.complete(to_asio(failed));
}

void StackDatagram::readable() {
    if (burst_waiting_) return fill_burst();
    if (!waiting_ || !socket_->readable()) return;
    const auto received = socket_->receive({static_cast<std::byte*>(buffer_.data()), buffer_.size()});
    if (received) {
        waiting_.complete({}, received->size, Address{received->from});
    } else if (received.error() != Error::would_block) {
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

std::size_t StackDatagram::send_at_once(std::span<const Bytes> datagrams, const Address& to) {
    const auto stack = stack_.lock();
    if (!socket_ || !stack || to.is_unix()) return 0;
    stack->scheduler.update();
    std::optional<Endpoint> destination;
    if (to != Address{}) destination = to.endpoint();
    std::size_t sent = 0;
    while (sent < datagrams.size() && socket_->send(datagrams[sent], destination)) ++sent;
    return sent;
}

error_code StackDatagram::request(transport::GroupRequest what, const GroupMembership& membership) {
    const auto stack = stack_.lock();
    if (!socket_ || !stack) return asio::error::bad_descriptor;
    stack->scheduler.update();
    return to_asio(socket_->request(what, membership.group, membership.source, membership.interface));
}

error_code StackDatagram::connect(const Address& remote) {
    if (!socket_) return asio::error::bad_descriptor;
    if (remote.is_unix()) return asio::error::address_family_not_supported;
    const error_code error = to_asio(socket_->connect(remote.endpoint()));
    local_ = socket_->local();
    return error;
}

}  // namespace

Datagram make_datagram(const std::shared_ptr<StackLife>& stack, std::unique_ptr<transport::UdpSocket> socket) {
    return Datagram{std::make_unique<StackDatagram>(stack, std::move(socket))};
}

}  // namespace strata::session::stack
