// Stream: a reliable, ordered conversation in both directions, whatever carries it: the kernel's
// TCP or Unix sockets, or our own TCP.
//
// Meets Asio's AsyncReadStream and AsyncWriteStream with any completion token, executors and
// cancellation slots, so asio::async_read, Beast and asio::ssl run on it. Errors are those of a
// kernel socket: the application cannot tell. Like Asio's sockets: move-only, not thread-safe, at
// most one read and one write at a time.
#pragma once

#include <boost/asio/async_result.hpp>
#include <cstdint>
#include <memory>
#include <type_traits>

#include "strata/5_session/address.hpp"
#include "strata/5_session/asio/any_handler.hpp"
#include "strata/5_session/asio/buffer_list.hpp"
#include "strata/5_session/file_slice.hpp"

namespace strata::session {

// How much of its buffers a write hands down before it completes.
enum class WriteExtent : std::uint8_t {
    some,  // at least one byte
    all,
};

// What a network gives to make a Stream of.
class StreamImplementation {
public:
    virtual ~StreamImplementation() = default;  // closes
    [[nodiscard]] virtual asio::any_io_executor get_executor() const = 0;
    virtual void start_wait_readable(WaitHandler handler) = 0;
    virtual void start_read(const MutableBufferList& buffers, IoHandler handler) = 0;
    virtual void start_write(const ConstBufferList& buffers, WriteExtent extent, IoHandler handler) = 0;
    [[nodiscard]] virtual std::size_t write_now(const ConstBufferList& buffers, error_code& error) = 0;
    // What carries bytes and knows no files reads and writes; the loop waits for the disk.
    virtual void start_send_file(const ConstBufferList& before, const FileSlice& slice, IoHandler handler);
    [[nodiscard]] virtual std::size_t send_file_now(const ConstBufferList& before, const FileSlice& slice,
                                                    error_code& error);
    virtual void cancel() = 0;
    [[nodiscard]] virtual error_code shut_down_sending() = 0;
    virtual void close() = 0;
    virtual void abort() = 0;
    virtual void set_no_delay(bool on) = 0;
    virtual void set_keepalive(bool on) = 0;
    virtual void set_ttl(std::uint8_t ttl) = 0;
    virtual void set_traffic_class(std::uint8_t traffic_class) = 0;
    virtual void set_reset_at_death(bool on) = 0;
    [[nodiscard]] virtual std::size_t unacknowledged() const = 0;
    [[nodiscard]] virtual bool is_over() const = 0;
    [[nodiscard]] virtual bool is_open() const = 0;
    [[nodiscard]] virtual Address local() const = 0;
    [[nodiscard]] virtual Address remote() const = 0;
};

class Stream {
public:
    using executor_type = asio::any_io_executor;
    using lowest_layer_type = Stream;

    Stream() = default;  // of nothing: only assign to it, destroy it, or ask is_open()
    explicit Stream(std::unique_ptr<StreamImplementation> implementation)
        : implementation_(std::move(implementation)) {}

    [[nodiscard]] executor_type get_executor() const { return implementation_->get_executor(); }
    [[nodiscard]] lowest_layer_type& lowest_layer() noexcept { return *this; }
    [[nodiscard]] const lowest_layer_type& lowest_layer() const noexcept { return *this; }

    // Completes with (error_code) when a read would not wait: for callers that take a buffer only
    // then. Not beside a read.
    template <typename Token = asio::default_completion_token_t<executor_type>>
    auto async_wait_readable(Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code)>(
            [implementation = implementation_.get()](auto handler) {
                implementation->start_wait_readable(WaitHandler{std::move(handler), implementation->get_executor()});
            },
            token);
    }
    // Completes with (error_code, std::size_t): at least one byte, or asio::error::eof at the end
    // of the peer's stream.
    template <typename Buffers, typename Token = asio::default_completion_token_t<executor_type>>
    auto async_read_some(const Buffers& buffers, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [implementation = implementation_.get()](auto handler, const MutableBufferList& list) {
                implementation->start_read(list, IoHandler{std::move(handler), implementation->get_executor()});
            },
            token, MutableBufferList{buffers});
    }
    // Completes when at least one byte is on its way.
    template <typename Buffers, typename Token = asio::default_completion_token_t<executor_type>>
    auto async_write_some(const Buffers& buffers, Token&& token = {}) {
        return write<Token>(buffers, WriteExtent::some, token);
    }
    // As asio::async_write, but the whole sequence is handed down at once, where Asio hands down 64
    // KiB at a time. Completes when all of it is on its way, or with an error and how much was.
    template <typename Buffers, typename Token = asio::default_completion_token_t<executor_type>>
    auto async_write(const Buffers& buffers, Token&& token = {}) {
        return write<Token>(buffers, WriteExtent::all, token);
    }
    // As much of the buffers as can be handed down without waiting, at once; would_block if nothing
    // can. Not beside a write.
    template <typename Buffers>
    [[nodiscard]] std::size_t write_now(const Buffers& buffers, error_code& error) {
        return implementation_->write_now(ConstBufferList{buffers}, error);
    }
    // The buffers, followed by a piece of a file: without a copy where that can be, and without the
    // event loop waiting for a disk. A write: completes when at least one byte is on its way, or
    // with asio::error::eof if the file ends before the piece begins, or cannot be read.
    template <typename Buffers, typename Token = asio::default_completion_token_t<executor_type>>
    auto async_send_file(const Buffers& before, const FileSlice& slice, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [implementation = implementation_.get()](auto handler, const ConstBufferList& list,
                                                     const FileSlice& piece) {
                implementation->start_send_file(list, piece,
                                                IoHandler{std::move(handler), implementation->get_executor()});
            },
            token, ConstBufferList{before}, slice);
    }
    // The same as far as it can be done without waiting, for the peer or for a disk; would_block if
    // nothing can.
    template <typename Buffers>
    [[nodiscard]] std::size_t send_file_now(const Buffers& before, const FileSlice& slice, error_code& error) {
        return implementation_->send_file_now(ConstBufferList{before}, slice, error);
    }

    // Ends what waits with asio::error::operation_aborted.
    void cancel() { implementation_->cancel(); }
    // Ends writing: the peer reads end of file after what was written. Reading continues.
    [[nodiscard]] error_code shut_down_sending() { return implementation_->shut_down_sending(); }
    // Ends the conversation in order; what was written is still delivered. Destroying does the
    // same.
    void close() {
        if (implementation_) implementation_->close();
    }
    // Ends it with a reset where there is such a thing.
    void abort() {
        if (implementation_) implementation_->abort();
    }
    void set_no_delay(bool on) { implementation_->set_no_delay(on); }
    void set_keepalive(bool on) { implementation_->set_keepalive(on); }
    // Of the packets that leave from now on: TTL or hop limit; DSCP, in the upper six bits (RFC
    // 2474). A Unix socket has neither.
    void set_ttl(std::uint8_t ttl) { implementation_->set_ttl(ttl); }
    void set_traffic_class(std::uint8_t traffic_class) { implementation_->set_traffic_class(traffic_class); }
    // While on, a process that dies resets the conversation, where it would end it in order: half a
    // file must not look whole. close() is as orderly as ever. On our own stack nobody hears of a
    // death: the peer's patience ends it.
    void set_reset_at_death(bool on) { implementation_->set_reset_at_death(on); }
    // Bytes that were written and that the peer's host has not acknowledged: what is handed to a
    // stream has not arrived. The end of the stream counts as one. Of a Unix socket a measure of
    // what the peer has not read, in the kernel's own bytes.
    [[nodiscard]] std::size_t unacknowledged() const { return implementation_->unacknowledged(); }
    // Nothing will be acknowledged any more: the peer has reset it, it has failed, or both sides
    // have ended it. Not known of Unix sockets.
    [[nodiscard]] bool is_over() const { return implementation_->is_over(); }
    [[nodiscard]] bool is_open() const { return implementation_ && implementation_->is_open(); }
    [[nodiscard]] Address local() const { return implementation_->local(); }
    [[nodiscard]] Address remote() const { return implementation_->remote(); }

private:
    template <typename Token, typename Buffers>
    auto write(const Buffers& buffers, WriteExtent extent, std::remove_reference_t<Token>& token) {
        return asio::async_initiate<Token, void(error_code, std::size_t)>(
            [implementation = implementation_.get(), extent](auto handler, const ConstBufferList& list) {
                implementation->start_write(list, extent,
                                            IoHandler{std::move(handler), implementation->get_executor()});
            },
            token, ConstBufferList{buffers});
    }

    std::unique_ptr<StreamImplementation> implementation_;
};

}  // namespace strata::session
