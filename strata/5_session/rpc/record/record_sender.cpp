#include "strata/5_session/rpc/record/record_sender.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::session::rpc {

RecordSender::RecordSender(Network& network, Stream& stream, Duration stall_timeout,
                           std::function<void(SendFailure)> failed)
    : network_(network),
      stream_(stream),
      stall_timeout_(stall_timeout),
      failed_(std::move(failed)),
      stall_(Deadline::make(network, [this] { failed_(SendFailure::stalled); })) {}

void RecordSender::send(std::shared_ptr<const Outgoing> message, std::shared_ptr<void> held) {
    if (stopped_) return;
    queue_.push(std::move(message), std::move(held));
    if (writing_) return;
    writing_ = true;
    error_code would_block;  // or worse: the next write finds it again
    queue_.consume(stream_.write_now(queue_.pieces(), would_block));
    if (queue_.empty() || stopped_) {
        writing_ = false;
        return;
    }
    stall_->set(stall_timeout_);
    asio::co_spawn(network_.get_executor(), write(shared_from_this()), asio::detached);
}

asio::awaitable<void> RecordSender::write(std::shared_ptr<RecordSender> self) {
    error_code error;
    while (!self->stopped_ && !self->queue_.empty() && !error) {
        const auto& pieces = self->queue_.pieces();
        const std::size_t count =
            co_await self->stream_.async_write_some(pieces, asio::redirect_error(asio::use_awaitable, error));
        if (self->stopped_) co_return;
        self->stall_->set(self->stall_timeout_);
        self->queue_.consume(count);
    }
    self->stall_->clear();
    self->writing_ = false;
    if (error && !self->stopped_) self->failed_(SendFailure::broken);
}

void RecordSender::stop() {
    stopped_ = true;
    stall_->stop();
    queue_.clear();
}

}  // namespace strata::session::rpc
