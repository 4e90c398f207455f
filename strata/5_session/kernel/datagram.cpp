#include "strata/5_session/kernel/datagram.hpp"

#include <sys/socket.h>

#include <boost/asio/basic_datagram_socket.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/datagram_protocol.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include "strata/5_session/asio/translated.hpp"
#include "strata/5_session/kernel/address.hpp"
#include "strata/5_session/kernel/burst_receiver.hpp"
#include "strata/5_session/kernel/burst_sender.hpp"
#include "strata/5_session/kernel/ip_options.hpp"
#include "strata/5_session/kernel/multicast.hpp"
#include "strata/5_session/kernel/unix_file.hpp"

namespace strata::session::kernel {
namespace {

using DatagramProtocol = asio::generic::datagram_protocol;
using DatagramSocket = DatagramProtocol::socket;

class KernelDatagram final : public DatagramImplementation {
public:
    KernelDatagram(DatagramSocket socket, UnixFile file, int family)
        : socket_(std::move(socket)), file_(std::move(file)), family_(family) {}
    ~KernelDatagram() override { close(); }

    [[nodiscard]] asio::any_io_executor get_executor() const override {
        return const_cast<DatagramSocket&>(socket_).get_executor();
    }
    void start_receive(asio::mutable_buffer buffer, ReceiveHandler handler) override {
        auto from = std::make_unique<DatagramProtocol::endpoint>();
        DatagramProtocol::endpoint& sender = *from;
        auto complete = [from = std::move(from)](ReceiveHandler to, error_code error, std::size_t count) {
            Address address = error ? Address{} : address_of(*from);
            to(error, count, std::move(address));
        };
        socket_.async_receive_from(buffer, sender, Translated{std::move(handler), std::move(complete)});
    }
    void start_receive_burst(DatagramBurst& into, WaitHandler handler) override {
        const error_code now = receiver_.receive_eagerly(socket_.native_handle(), family_, into);
        if (now != asio::error::would_block) return handler.complete(now);
        auto complete = [this, alive = std::weak_ptr(alive_), &into](WaitHandler to, error_code error) {
            if (!error && (alive.expired() || !socket_.is_open())) error = asio::error::operation_aborted;
            if (error) return to(error);
            error = receiver_.receive(socket_.native_handle(), family_, into);
            // What has a wrong checksum is there only until it is read.
            if (error == asio::error::would_block) return start_receive_burst(into, std::move(to));
            to(error);
        };
        socket_.async_wait(DatagramSocket::wait_read, Translated{std::move(handler), std::move(complete)});
    }
    void start_send(asio::const_buffer buffer, const Address& to, SendHandler handler) override {
        if (to == Address{}) return socket_.async_send(buffer, std::move(handler));
        if (to.is_unix() != (family_ == AF_UNIX) || (family_ == AF_INET && family_of(to) == AF_INET6)) {
            return handler.complete(asio::error::address_family_not_supported, 0);
        }
        error_code error;
        const auto endpoint = endpoint_of<DatagramProtocol::endpoint>(to, family_, error);
        if (error) return handler.complete(error, 0);
        socket_.async_send_to(buffer, endpoint, std::move(handler));
    }
    std::size_t send_at_once(std::span<const Bytes> datagrams, const Address& to) override {
        if (to != Address{} &&
            (to.is_unix() != (family_ == AF_UNIX) || (family_ == AF_INET && family_of(to) == AF_INET6)))
            return 0;
        return sender_.send(socket_.native_handle(), datagrams, to, family_);
    }
    error_code connect(const Address& remote) override {
        error_code error;
        const auto endpoint = endpoint_of<DatagramProtocol::endpoint>(remote, family_, error);
        if (!error) socket_.connect(endpoint, error);
        return error;
    }
    void set_broadcast(bool allowed) override {
        error_code ignored;
        socket_.set_option(asio::socket_base::broadcast(allowed), ignored);
    }
    error_code set_ttl(std::uint8_t ttl) override { return set_ttl_of(socket_.native_handle(), ttl); }
    error_code set_traffic_class(std::uint8_t traffic_class) override {
        return set_traffic_class_of(socket_.native_handle(), traffic_class);
    }
    error_code set_fragmentation(Fragmentation how) override {
        return set_fragmentation_of(socket_.native_handle(), how);
    }
    error_code join_group(const GroupMembership& membership) override {
        return kernel::join_group(socket_.native_handle(), membership);
    }
    error_code leave_group(const GroupMembership& membership) override {
        return kernel::leave_group(socket_.native_handle(), membership);
    }
    error_code set_multicast_ttl(std::uint8_t ttl) override {
        return set_multicast_ttl_of(socket_.native_handle(), ttl);
    }
    error_code set_multicast_loop(bool loop) override { return set_multicast_loop_of(socket_.native_handle(), loop); }
    error_code set_multicast_interface(const IpAddress& own) override {
        return set_multicast_interface_of(socket_.native_handle(), own);
    }
    error_code bind_to_interface(const std::string& name) override {
        if (family_ == AF_UNIX) return asio::error::operation_not_supported;
        return kernel::bind_to_interface(socket_.native_handle(), name);
    }
    void cancel() override {
        error_code ignored;
        socket_.cancel(ignored);
    }
    void close() override {
        error_code ignored;
        socket_.close(ignored);
        file_.remove();
    }
    [[nodiscard]] Address local() const override {
        error_code ignored;
        return address_of(socket_.local_endpoint(ignored));  // connect() may have changed it
    }

private:
    DatagramSocket socket_;
    UnixFile file_;
    int family_;
    BurstSender sender_;
    BurstReceiver receiver_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // until we are destroyed
};

void set_options(DatagramSocket& socket, const Address& local, PortUse use, bool reuse_port, error_code& error) {
    if (local.is_unix()) return;
    const Endpoint at = local.endpoint();
    if (at.address.is_any() && !at.address.is_v4()) socket.set_option(asio::ip::v6_only(false), error);
    if (!error) error = hear_joined_groups_only(socket.native_handle());
    if (!error && use == PortUse::shared) socket.set_option(asio::socket_base::reuse_address(true), error);
    // A port that the kernel chooses is nobody else's.
    using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
    if (!error && reuse_port && number_of(at.port) != 0) socket.set_option(ReusePort(true), error);
}

}  // namespace

Datagram make_datagram(asio::io_context& io, const Address& local, PortUse use, bool reuse_port, error_code& error) {
    error.clear();
    const int family = family_of(local);
    const auto endpoint = endpoint_of<DatagramProtocol::endpoint>(local, family, error);
    if (error) return {};
    DatagramSocket socket{io};
    socket.open(DatagramProtocol(family, 0), error);
    if (!error) set_options(socket, local, use, reuse_port, error);
    if (error) return {};
    if (local.is_unix()) UnixFile::remove_if_stale(local.unix_path().path, SOCK_DGRAM);
    socket.bind(endpoint, error);
    if (error) return {};
    UnixFile file;
    if (local.is_unix()) file = UnixFile{local.unix_path().path};
    return Datagram{std::make_unique<KernelDatagram>(std::move(socket), std::move(file), family)};
}

}  // namespace strata::session::kernel
