#include "strata/5_session/stack_stream.hpp"

#include <boost/asio/error.hpp>

#include "strata/5_session/asio_error.hpp"

namespace strata::session {
namespace {

MutableBytes bytes_of_buffer(const asio::mutable_buffer& buffer) {
    return {static_cast<std::byte*>(buffer.data()), buffer.size()};
}
Bytes bytes_of_buffer(const asio::const_buffer& buffer) {
    return {static_cast<const std::byte*>(buffer.data()), buffer.size()};
}

}  // namespace

StackStream::StackStream(const std::shared_ptr<StackLife>& stack, transport::tcp::Connection* connection)
    : StackMember(*stack),
      stack_(stack),
      executor_(stack->executor),
      connection_(connection),
      local_(connection->local()),
      remote_(connection->remote()) {
    connection->set_user(this);
}

StackStream::~StackStream() { close(); }

transport::tcp::Connection* StackStream::connection() {
    const auto stack = stack_.lock();
    if (!stack) return nullptr;
    stack->scheduler.update();
    return connection_;
}

bool StackStream::try_read(const MutableBufferList& buffers, IoHandler& handler) {
    transport::tcp::Connection* from = connection();
    if (from == nullptr) return handler.complete(asio::error::bad_descriptor, 0), true;
    if (buffers.empty()) return handler.complete({}, 0), true;
    std::size_t total = 0;
    for (const asio::mutable_buffer& buffer : buffers) {
        const auto count = from->read(bytes_of_buffer(buffer));
        if (!count && total == 0) {
            if (count.error() == Error::would_block) return false;
            return handler.complete(to_asio(count.error()), 0), true;
        }
        if (count && *count == 0 && total == 0) return handler.complete(asio::error::eof, 0), true;
        total += count.value_or(0);
        if (count.value_or(0) < buffer.size()) break;
    }
    handler.complete({}, total);
    return true;
}

bool StackStream::try_write(const ConstBufferList& buffers, IoHandler& handler) {
    transport::tcp::Connection* to = connection();
    if (to == nullptr) return handler.complete(asio::error::bad_descriptor, 0), true;
    std::size_t total = 0;
    for (const asio::const_buffer& buffer : buffers) {
        const auto count = to->write(bytes_of_buffer(buffer));
        if (!count && total == 0) {
            if (count.error() == Error::would_block) return false;
            return handler.complete(to_asio(count.error()), 0), true;
        }
        total += count.value_or(0);
        if (count.value_or(0) < buffer.size()) break;
    }
    handler.complete({}, total);
    return true;
}

void StackStream::start_read(const MutableBufferList& buffers, IoHandler handler) {
    if (reading_) return handler.complete(asio::error::in_progress, 0);
    if (try_read(buffers, handler)) return;
    if (!alive_) alive_ = std::make_shared<char>();
    handler.on_cancel(alive_, [this] {
        if (auto reading = std::move(reading_)) reading->handler.complete(asio::error::operation_aborted, 0);
    });
    reading_ = std::make_unique<Reading>(buffers, std::move(handler));
}

void StackStream::start_write(const ConstBufferList& buffers, IoHandler handler) {
    if (writing_) return handler.complete(asio::error::in_progress, 0);
    if (try_write(buffers, handler)) return;
    if (!alive_) alive_ = std::make_shared<char>();
    handler.on_cancel(alive_, [this] {
        if (auto writing = std::move(writing_)) writing->handler.complete(asio::error::operation_aborted, 0);
    });
    writing_ = std::make_unique<Writing>(buffers, std::move(handler));
}

void StackStream::readable() {
    if (reading_ && try_read(reading_->buffers, reading_->handler)) reading_.reset();
}

void StackStream::writable() {
    if (writing_ && try_write(writing_->buffers, writing_->handler)) writing_.reset();
}

void StackStream::closed(std::error_code) {
    readable();
    writable();
}

void StackStream::abandon() noexcept {
    const auto reading = std::move(reading_);
    const auto writing = std::move(writing_);
}

void StackStream::cancel() {
    if (auto reading = std::move(reading_)) reading->handler.complete(asio::error::operation_aborted, 0);
    if (auto writing = std::move(writing_)) writing->handler.complete(asio::error::operation_aborted, 0);
}

error_code StackStream::shut_down_sending() {
    transport::tcp::Connection* peer = connection();
    if (peer == nullptr) return asio::error::bad_descriptor;
    peer->close();
    return {};
}

void StackStream::close() {
    cancel();
    if (connection_ == nullptr) return;
    if (const auto stack = stack_.lock()) {
        stack->scheduler.update();
        stack->tcp.release(connection_);
    }
    connection_ = nullptr;
}

void StackStream::abort() {
    if (transport::tcp::Connection* peer = connection()) peer->abort();
    close();
}

void StackStream::set_no_delay(bool on) {
    if (transport::tcp::Connection* peer = connection()) peer->set_no_delay(on);
}

void StackStream::set_keepalive(bool on) {
    if (transport::tcp::Connection* peer = connection()) peer->set_keepalive(on);
}

}  // namespace strata::session
