// SendQueue: records that wait for a stream to take them, a part of the first of which may have
// gone. Of both ends: a server's replies, a client's calls.
#pragma once

#include <deque>

#include "strata/5_session/rpc/message/outgoing.hpp"

namespace strata::session::rpc {

class SendQueue {
public:
    // `let_go`, which may be null, is released when it has gone.
    void push(std::shared_ptr<const Outgoing> message, std::shared_ptr<void> let_go = {}) {
        bytes_ += message->size();
        messages_.push_back({std::move(message), std::move(let_go)});
    }
    [[nodiscard]] bool empty() const noexcept { return messages_.empty(); }
    // Without record marks, and what has gone of the first.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    // What is to be written next: the pieces of some of them. Valid until consume() or clear().
    [[nodiscard]] const std::vector<asio::const_buffer>& pieces();
    // So many bytes of it were.
    void consume(std::size_t count);
    void clear();

private:
    struct Entry {
        std::shared_ptr<const Outgoing> message;
        std::shared_ptr<void> let_go;
    };
    std::deque<Entry> messages_;
    std::vector<asio::const_buffer> pieces_;
    std::size_t sent_ = 0;  // of the first, with its mark
    std::size_t bytes_ = 0;
};

}  // namespace strata::session::rpc
