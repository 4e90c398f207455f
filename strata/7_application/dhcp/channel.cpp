#include "strata/7_application/dhcp/channel.hpp"

#include <array>

namespace strata::application::dhcp {
namespace {

constexpr std::size_t datagram_max = 4096;  // longer ones are cut, and then no message
constexpr Duration rest = 1s;               // after an error of the socket's

}  // namespace

// Kept by what waits, so that it may be destroyed whenever that is.
struct Channel::Open {
    session::Datagram socket;
    session::Timer timer;
    Handler handler;
    bool closed = false;
    std::array<std::byte, datagram_max> buffer{};
};

Channel::Channel(session::Network& network, std::uint16_t port, const std::string& interface, Handler handler) {
    const session::Address local{Ipv4Address::any(), port};
    session::error_code error;
    // A host may have a client on each of its interfaces; but one server is enough.
    auto socket =
        port == client_port ? network.open_shared_datagram(local, error) : network.open_datagram(local, error);
    if (!error) error = socket.bind_to_interface(interface);
    if (error) throw boost::system::system_error(error, "port " + std::to_string(port) + " of " + interface);
    socket.set_broadcast(true);
    open_ = std::make_shared<Open>(std::move(socket), network.make_timer(), std::move(handler));
    receive(open_);
}

Channel::~Channel() {
    open_->closed = true;
    open_->timer.cancel();
    open_->socket.close();
}

void Channel::receive(const std::shared_ptr<Open>& open) {
    auto received = [open](session::error_code error, std::size_t size, const session::Address&) {
        if (open->closed || error == session::asio::error::operation_aborted) return;
        if (error) {
            open->timer.expires_after(rest);
            open->timer.async_wait([open](session::error_code stopped) {
                if (!stopped && !open->closed) receive(open);
            });
            return;
        }
        const Bytes bytes{open->buffer.data(), size};
        open->handler(Message::parse(bytes));
        if (!open->closed) receive(open);
    };
    open->socket.async_receive_from(session::asio::buffer(open->buffer), std::move(received));
}

bool Channel::send(const Message& message, Ipv4Address to, std::uint16_t port, std::size_t bytes_max) {
    auto bytes = message.serialize(bytes_max);
    if (!bytes) return false;
    auto kept = std::make_shared<const std::vector<std::byte>>(std::move(*bytes));
    const auto buffer = session::asio::buffer(*kept);
    open_->socket.async_send_to(buffer, session::Address{to, port}, [kept](session::error_code, std::size_t) {});
    return true;
}

}  // namespace strata::application::dhcp
