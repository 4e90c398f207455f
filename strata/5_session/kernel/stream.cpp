#include "strata/5_session/kernel/stream.hpp"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <boost/asio/write.hpp>
#include <limits>

#include "strata/5_session/asio/translated.hpp"
#include "strata/5_session/kernel/address.hpp"
#include "strata/5_session/kernel/ip_options.hpp"
#include "strata/5_session/kernel/send_file.hpp"

namespace strata::session::kernel {
namespace {

constexpr auto no_limit = std::numeric_limits<std::size_t>::max();

class KernelStream final : public StreamImplementation {
public:
    KernelStream(StreamSocket socket, Address remote)
        : socket_(std::make_shared<StreamSocket>(std::move(socket))), remote_(std::move(remote)) {
        error_code ignored;
        local_ = address_of(socket_->local_endpoint(ignored));
    }
    ~KernelStream() override { close(); }

    [[nodiscard]] asio::any_io_executor get_executor() const override { return socket_->get_executor(); }
    void start_wait_readable(WaitHandler handler) override {
        socket_->async_wait(StreamSocket::wait_read, std::move(handler));
    }
    void start_read(const MutableBufferList& buffers, IoHandler handler) override {
        socket_->async_read_some(buffers, std::move(handler));
    }
    void start_write(const ConstBufferList& buffers, WriteExtent extent, IoHandler handler) override {
        if (extent != WriteExtent::all) return socket_->async_write_some(buffers, std::move(handler));
        // Asio's own condition, transfer_all, lets no more than 64 KiB down at a time.
        const auto all_at_once = [](const error_code& error, std::size_t) { return error ? std::size_t{0} : no_limit; };
        asio::async_write(*socket_, buffers, all_at_once, std::move(handler));
    }
    [[nodiscard]] std::size_t write_now(const ConstBufferList& buffers, error_code& error) override {
        return send_now(socket_->native_handle(), buffers, {}, 0, error);
    }
    void start_send_file(const ConstBufferList& before, const FileSlice& slice, IoHandler handler) override {
        kernel::start_send_file(socket_, before, slice, std::move(handler));
    }
    [[nodiscard]] std::size_t send_file_now(const ConstBufferList& before, const FileSlice& slice,
                                            error_code& error) override {
        return kernel::send_file_now(*socket_, before, slice, Pages::looked_for, error);
    }
    void cancel() override {
        error_code ignored;
        socket_->cancel(ignored);
    }
    error_code shut_down_sending() override {
        error_code error;
        socket_->shutdown(StreamSocket::shutdown_send, error);
        return error;
    }
    void close() final {
        error_code ignored;
        if (reset_at_death_ && socket_->is_open()) set_reset_at_death(false);
        socket_->close(ignored);
    }
    void abort() override {
        error_code ignored;
        // SO_LINGER of zero seconds makes close() send a reset.
        if (socket_->is_open()) socket_->set_option(asio::socket_base::linger(true, 0), ignored);
        socket_->close(ignored);
    }
    void set_no_delay(bool on) override { set_option(IPPROTO_TCP, TCP_NODELAY, on); }
    void set_keepalive(bool on) override { set_option(SOL_SOCKET, SO_KEEPALIVE, on); }
    void set_ttl(std::uint8_t ttl) override { (void)set_ttl_of(socket_->native_handle(), ttl); }
    void set_traffic_class(std::uint8_t traffic_class) override {
        (void)set_traffic_class_of(socket_->native_handle(), traffic_class & 0xfc);
    }
    void set_reset_at_death(bool on) override {
        error_code ignored;
        if (!local_.is_unix()) socket_->set_option(asio::socket_base::linger(on, 0), ignored);
        reset_at_death_ = on;
    }
    [[nodiscard]] std::size_t unacknowledged() const override {
        int count = 0;
        return ::ioctl(socket_->native_handle(), SIOCOUTQ, &count) == 0 && count > 0 ? static_cast<std::size_t>(count)
                                                                                     : 0;
    }
    [[nodiscard]] bool is_over() const override {
        tcp_info info{};
        socklen_t size = sizeof info;
        return ::getsockopt(socket_->native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
               info.tcpi_state == TCP_CLOSE;
    }
    [[nodiscard]] bool is_open() const override { return socket_->is_open(); }
    [[nodiscard]] Address local() const override { return local_; }
    [[nodiscard]] Address remote() const override { return remote_; }

private:
    void set_option(int level, int name, bool on) {
        if (local_.is_unix() && level == IPPROTO_TCP) return;
        const int value = on ? 1 : 0;
        ::setsockopt(socket_->native_handle(), level, name, &value, sizeof value);
    }

    const std::shared_ptr<StreamSocket>
        socket_;  // shared: a file that is sent may wait for a disk when the stream ends
    Address local_;
    Address remote_;
    bool reset_at_death_ = false;
};

}  // namespace

Stream make_stream(StreamSocket socket, Address remote) {
    return Stream{std::make_unique<KernelStream>(std::move(socket), std::move(remote))};
}

}  // namespace strata::session::kernel
