#include "strata/7_application/dhcp/client/requests.hpp"

#include <array>

namespace strata::application::dhcp {
namespace {

constexpr std::array wanted{OptionCode::subnet_mask, OptionCode::router,        OptionCode::domain_name_server,
                            OptionCode::domain_name, OptionCode::interface_mtu, OptionCode::broadcast_address,
                            OptionCode::lease_time,  OptionCode::renewal_time,  OptionCode::rebinding_time};

}  // namespace

Requests::Requests(Identity identity) : identity_(std::move(identity)) {
    if (!identity_.client_identifier.empty()) return;
    identity_.client_identifier.resize(1 + MacAddress::size);
    identity_.client_identifier.front() = std::byte{1};
    identity_.mac.store(identity_.client_identifier.data() + 1);
}

Message Requests::make(MessageType type, std::uint32_t xid, std::uint16_t secs) const {
    Message message;
    message.xid = xid;
    message.secs = secs;
    message.chaddr = identity_.mac;
    message.set_type(type);
    message.options.set(OptionCode::client_identifier, identity_.client_identifier);
    return message;
}

// What an answer with parameters is wanted of.
Message Requests::asking(MessageType type, std::uint32_t xid, std::uint16_t secs) const {
    Message message = make(type, xid, secs);
    message.options.set(OptionCode::parameter_request_list, std::as_bytes(std::span{wanted}));
    message.options.set_u16(OptionCode::message_size_max, std::max<std::uint16_t>(identity_.message_size_max, 576));
    if (!identity_.host_name.empty()) message.options.set_text(OptionCode::host_name, identity_.host_name);
    // RFC 2131 4.1: whoever can't receive what is sent to an address that it does not have yet.
    message.broadcast = true;
    return message;
}

Message Requests::discover(std::uint32_t xid, std::uint16_t secs) const {
    return asking(MessageType::discover, xid, secs);
}

Message Requests::select(std::uint32_t xid, std::uint16_t secs, Ipv4Address offered, Ipv4Address server) const {
    Message message = reboot(xid, secs, offered);
    message.options.set_address(OptionCode::server_identifier, server);
    return message;
}

Message Requests::reboot(std::uint32_t xid, std::uint16_t secs, Ipv4Address previous) const {
    Message message = asking(MessageType::request, xid, secs);
    message.options.set_address(OptionCode::requested_address, previous);
    return message;
}

Message Requests::extend(std::uint32_t xid, std::uint16_t secs, Ipv4Address own) const {
    Message message = asking(MessageType::request, xid, secs);
    message.ciaddr = own;
    message.broadcast = false;
    return message;
}

Message Requests::decline(std::uint32_t xid, Ipv4Address taken, Ipv4Address server) const {
    Message message = make(MessageType::decline, xid, 0);
    message.options.set_address(OptionCode::requested_address, taken);
    message.options.set_address(OptionCode::server_identifier, server);
    return message;
}

Message Requests::release(std::uint32_t xid, Ipv4Address own, Ipv4Address server) const {
    Message message = make(MessageType::release, xid, 0);
    message.ciaddr = own;
    message.options.set_address(OptionCode::server_identifier, server);
    return message;
}

bool Requests::answers(const Message& reply, std::uint32_t xid) const noexcept {
    if (reply.op != Message::Operation::reply || reply.xid != xid || reply.chaddr != identity_.mac) return false;
    const Options::Value* named = reply.options.find(OptionCode::client_identifier);
    return named == nullptr || *named == identity_.client_identifier;
}

}  // namespace strata::application::dhcp
