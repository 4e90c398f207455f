#include "strata/5_session/rpc/record/send_queue.hpp"

#include <algorithm>
#include <utility>

namespace strata::session::rpc {

constexpr std::size_t messages_at_once = 16;  // that one write takes together

const std::vector<asio::const_buffer>& SendQueue::pieces() {
    pieces_.clear();
    const std::size_t count = std::min(messages_.size(), messages_at_once);
    for (std::size_t i = 0; i < count; ++i) messages_[i].message->append_record(pieces_);
    std::size_t skipped = sent_;
    for (asio::const_buffer& piece : pieces_) {
        const std::size_t part = std::min(skipped, piece.size());
        piece += part;
        skipped -= part;
        if (skipped == 0) break;
    }
    return pieces_;
}

void SendQueue::consume(std::size_t count) {
    sent_ += count;
    while (!messages_.empty()) {
        const std::size_t first = messages_.front().message->size() + Outgoing::mark_size;
        if (sent_ < first) return;
        sent_ -= first;
        bytes_ -= messages_.front().message->size();
        // Off the queue first: whoever is let go may look at it.
        const Entry gone = std::move(messages_.front());
        messages_.pop_front();
    }
}

void SendQueue::clear() {
    sent_ = 0;
    bytes_ = 0;
    const std::deque<Entry> gone = std::exchange(messages_, {});
}

}  // namespace strata::session::rpc
