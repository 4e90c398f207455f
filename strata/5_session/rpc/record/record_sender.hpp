// RecordSender: writes records to a stream, in the order in which they are given, and notices a
// peer that takes none. Of both ends: a server's replies, a client's calls.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>

#include "strata/5_session/rpc/deadline.hpp"
#include "strata/5_session/rpc/record/send_queue.hpp"

namespace strata::session::rpc {

enum class SendFailure : std::uint8_t { stalled, broken };

class RecordSender : public std::enable_shared_from_this<RecordSender> {
public:
    // Network and stream outlive it, or stop() comes before. `failed` is called when the peer took
    // nothing for so long, or cannot be written to; it stops the sender.
    RecordSender(Network& network, Stream& stream, Duration stall_timeout, std::function<void(SendFailure)> failed);
    RecordSender(const RecordSender&) = delete;
    RecordSender& operator=(const RecordSender&) = delete;

    // `held`, which may be null, is released when the record has gone, or will never go.
    void send(std::shared_ptr<const Outgoing> message, std::shared_ptr<void> held = {});
    // Forgets what waits. Not before the stream was closed or aborted: it may be writing it.
    void stop();
    [[nodiscard]] bool empty() const noexcept { return queue_.empty(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return queue_.bytes(); }

private:
    [[nodiscard]] static asio::awaitable<void> write(std::shared_ptr<RecordSender> self);

    Network& network_;
    Stream& stream_;
    Duration stall_timeout_;
    std::function<void(SendFailure)> failed_;
    std::shared_ptr<Deadline> stall_;
    SendQueue queue_;
    bool writing_ = false;
    bool stopped_ = false;
};

}  // namespace strata::session::rpc
