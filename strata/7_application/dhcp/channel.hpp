// Channel: a socket on one of DHCP's two ports, on one interface: messages in, messages out. On any
// session::Network; clients and servers have one each.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "strata/5_session/network.hpp"
#include "strata/7_application/dhcp/message/message.hpp"

namespace strata::application::dhcp {

class Channel {
public:
    // Error: what arrived is no message (Message::parse).
    using Handler = std::move_only_function<void(const Result<Message>& message)>;

    // Port client_port or server_port of the interface of that name. `handler` is called for each
    // message, until the channel is destroyed, and may do that. The network outlives it. Throws
    // boost::system::system_error.
    Channel(session::Network& network, std::uint16_t port, const std::string& interface, Handler handler);
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    ~Channel();

    // At most `bytes_max` long. What can't be sent is lost, as any datagram may be. False: it is
    // longer.
    bool send(const Message& message, Ipv4Address to, std::uint16_t port,
              std::size_t bytes_max = Message::size_assured);

private:
    struct Open;
    static void receive(const std::shared_ptr<Open>& open);

    std::shared_ptr<Open> open_;
};

}  // namespace strata::application::dhcp
