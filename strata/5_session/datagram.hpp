// Datagram: messages that arrive whole or not at all: UDP, or Unix datagram sockets.
#pragma once

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <memory>
#include <span>
#include <string>

#include "strata/0_foundation/bytes.hpp"
#include "strata/3_network/fragmentation/fragmentation.hpp"
#include "strata/5_session/address.hpp"
#include "strata/5_session/asio/any_handler.hpp"
#include "strata/5_session/datagram_burst.hpp"

namespace strata::session {

using network::Fragmentation;
// A group that is received (RFC 3678), on the interface that has one of our addresses; any(): on
// the one that packets to the group leave through.
struct GroupMembership {
    IpAddress group;
    IpAddress source = {};  // whose datagrams alone are wanted; any(): everybody's
    IpAddress interface = {};
};

using ReceiveHandler = AnyHandler<error_code, std::size_t, Address>;
using SendHandler = AnyHandler<error_code, std::size_t>;

class DatagramImplementation {
public:
    virtual ~DatagramImplementation() = default;  // closes
    [[nodiscard]] virtual asio::any_io_executor get_executor() const = 0;
    virtual void start_receive(asio::mutable_buffer buffer, ReceiveHandler handler) = 0;
    // One at a time, where nothing better is known.
    virtual void start_receive_burst(DatagramBurst& into, WaitHandler handler);
    virtual void start_send(asio::const_buffer buffer, const Address& to, SendHandler handler) = 0;
    virtual std::size_t send_at_once(std::span<const Bytes> datagrams, const Address& to) = 0;
    // Only datagrams from `remote` are received, Address{} sends to it, and ICMP errors are
    // reported.
    [[nodiscard]] virtual error_code connect(const Address& remote) = 0;
    virtual void set_broadcast(bool allowed) = 0;
    [[nodiscard]] virtual error_code set_ttl(std::uint8_t ttl) = 0;
    [[nodiscard]] virtual error_code set_traffic_class(std::uint8_t traffic_class) = 0;
    [[nodiscard]] virtual error_code set_fragmentation(Fragmentation how) = 0;
    [[nodiscard]] virtual error_code join_group(const GroupMembership& membership) = 0;
    [[nodiscard]] virtual error_code leave_group(const GroupMembership& membership) = 0;
    [[nodiscard]] virtual error_code set_multicast_ttl(std::uint8_t ttl) = 0;
    [[nodiscard]] virtual error_code set_multicast_loop(bool loop) = 0;
    [[nodiscard]] virtual error_code set_multicast_interface(const IpAddress& own) = 0;
    [[nodiscard]] virtual error_code bind_to_interface(const std::string& name) {
        (void)name;
        return asio::error::operation_not_supported;
    }
    virtual void cancel() = 0;
    virtual void close() = 0;
    [[nodiscard]] virtual Address local() const = 0;
};

class Datagram {
public:
    using executor_type = asio::any_io_executor;
    Datagram() = default;
    explicit Datagram(std::unique_ptr<DatagramImplementation> implementation)
        : implementation_(std::move(implementation)) {}

    [[nodiscard]] executor_type get_executor() const { return implementation_->get_executor(); }
    // Completes with (error_code, bytes, from). What does not fit into the buffer is lost. One at a
    // time.
    template <typename Token = asio::default_completion_token_t<executor_type>>
    auto async_receive_from(asio::mutable_buffer buffer, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, std::size_t, Address)>(
            [implementation = implementation_.get()](auto handler, asio::mutable_buffer into) {
                implementation->start_receive(into, ReceiveHandler{std::move(handler), implementation->get_executor()});
            },
            token, buffer);
    }
    // Completes with (error_code) when at least one is in `into`, which
    // outlives the operation; what does not fit is lost. A socket is
    // read this way or the other, not by turns; one at a time.
    template <typename Token = asio::default_completion_token_t<executor_type>>
    auto async_receive_burst(DatagramBurst& into, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code)>(
            [implementation = implementation_.get()](auto handler, DatagramBurst* burst) {
                implementation->start_receive_burst(*burst,
                                                    WaitHandler{std::move(handler), implementation->get_executor()});
            },
            token, &into);
    }
    // Completes with (error_code, bytes). `to`: a default Address means the connected peer.
    template <typename Token = asio::default_completion_token_t<executor_type>>
    auto async_send_to(asio::const_buffer buffer, const Address& to, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [implementation = implementation_.get()](auto handler, asio::const_buffer from, const Address& address) {
                implementation->start_send(from, address,
                                           SendHandler{std::move(handler), implementation->get_executor()});
            },
            token, buffer, to);
    }
    // Several to one peer, as far as they can leave without waiting: how many did. The others are
    // lost, as the medium may lose them: what is full is no error. `to` as above.
    std::size_t send_at_once(std::span<const Bytes> datagrams, const Address& to) {
        return implementation_->send_at_once(datagrams, to);
    }
    [[nodiscard]] error_code connect(const Address& remote) { return implementation_->connect(remote); }
    void set_broadcast(bool allowed) { implementation_->set_broadcast(allowed); }
    // Of what is sent from now on: TTL or hop limit, at least 1; DSCP and ECN (RFC 2474, RFC 3168);
    // whether a datagram may be fragmented (in the beginning: when_needed). Errors: bad_descriptor
    // after close(), invalid_argument, operation_not_supported of a Unix socket.
    [[nodiscard]] error_code set_ttl(std::uint8_t ttl) { return implementation_->set_ttl(ttl); }
    [[nodiscard]] error_code set_traffic_class(std::uint8_t traffic_class) {
        return implementation_->set_traffic_class(traffic_class);
    }
    [[nodiscard]] error_code set_fragmentation(Fragmentation how) { return implementation_->set_fragmentation(how); }
    // A socket receives from the groups that it has joined and from no others, from all their
    // sources or from those joined one by one. The groups are IPv4's. Errors: invalid_argument (no
    // group, or joined the other way), address_in_use (joined already), a socket's errors for what
    // it has not joined and for an interface that is not there.
    [[nodiscard]] error_code join_group(const GroupMembership& membership) {
        return implementation_->join_group(membership);
    }
    [[nodiscard]] error_code leave_group(const GroupMembership& membership) {
        return implementation_->leave_group(membership);
    }
    // Of what is sent to groups (RFC 1112 6.1): TTL, at least 1 and in the beginning 1, which does
    // not leave the link; whether members on this machine receive it, as they do in the beginning;
    // and which of our addresses' interface it leaves through.
    [[nodiscard]] error_code set_multicast_ttl(std::uint8_t ttl) { return implementation_->set_multicast_ttl(ttl); }
    [[nodiscard]] error_code set_multicast_loop(bool loop) { return implementation_->set_multicast_loop(loop); }
    [[nodiscard]] error_code set_multicast_interface(const IpAddress& own) {
        return implementation_->set_multicast_interface(own);
    }
    // Hears what arrives at the interface of this name alone, and sends through it alone, to
    // 255.255.255.255 also before it has an address: whoever asks for one needs that. Errors: those
    // of a name that no interface has, no_permission (the kernel's, without CAP_NET_RAW),
    // operation_not_supported.
    [[nodiscard]] error_code bind_to_interface(const std::string& name) {
        return implementation_->bind_to_interface(name);
    }
    void cancel() { implementation_->cancel(); }
    void close() {
        if (implementation_) implementation_->close();
    }
    [[nodiscard]] Address local() const { return implementation_->local(); }

private:
    std::unique_ptr<DatagramImplementation> implementation_;
};

}  // namespace strata::session
