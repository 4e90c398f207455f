// A stream of bytes over another: it passes on what it is asked for, and knows no files. Tests
// override what they want otherwise.
#pragma once

#include "strata/5_session/stream.hpp"

namespace strata::test {

using session::Address;
using session::ConstBufferList;
using session::error_code;
using session::IoHandler;
using session::MutableBufferList;
using session::Stream;
using session::StreamImplementation;
using session::WaitHandler;
using session::WriteExtent;
namespace asio = session::asio;

class ForwardingStream : public StreamImplementation {
public:
    explicit ForwardingStream(Stream under) : under_(std::move(under)) {}
    [[nodiscard]] asio::any_io_executor get_executor() const override { return under_.get_executor(); }
    void start_wait_readable(WaitHandler handler) override { under_.async_wait_readable(std::move(handler)); }
    void start_read(const MutableBufferList& buffers, IoHandler handler) override {
        under_.async_read_some(buffers, std::move(handler));
    }
    void start_write(const ConstBufferList& buffers, WriteExtent extent, IoHandler handler) override {
        if (extent == WriteExtent::all) {
            under_.async_write(buffers, std::move(handler));
        } else {
            under_.async_write_some(buffers, std::move(handler));
        }
    }
    [[nodiscard]] std::size_t write_now(const ConstBufferList& buffers, error_code& error) override {
        return under_.write_now(buffers, error);
    }
    void cancel() override { under_.cancel(); }
    error_code shut_down_sending() override { return under_.shut_down_sending(); }
    void close() override { under_.close(); }
    void abort() override { under_.abort(); }
    void set_no_delay(bool on) override { under_.set_no_delay(on); }
    void set_keepalive(bool on) override { under_.set_keepalive(on); }
    void set_ttl(std::uint8_t ttl) override { under_.set_ttl(ttl); }
    void set_traffic_class(std::uint8_t traffic_class) override { under_.set_traffic_class(traffic_class); }
    void set_reset_at_death(bool on) override { under_.set_reset_at_death(on); }
    [[nodiscard]] std::size_t unacknowledged() const override { return under_.unacknowledged(); }
    [[nodiscard]] bool is_over() const override { return under_.is_over(); }
    [[nodiscard]] bool is_open() const override { return under_.is_open(); }
    [[nodiscard]] Address local() const override { return under_.local(); }
    [[nodiscard]] Address remote() const override { return under_.remote(); }

private:
    Stream under_;
};

}  // namespace strata::test
