// Connection: a client of an RPC server over a stream. Many calls at a time, replies in the order
// in which they are done; a client that does not take them is not read from, and then cut off.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "strata/5_session/rpc/record/record_sender.hpp"
#include "strata/5_session/rpc/server/dispatcher.hpp"
#include "strata/5_session/rpc/server/held.hpp"
#include "strata/5_session/rpc/server/options.hpp"

namespace strata::session::rpc {

class Connection : public std::enable_shared_from_this<Connection> {
public:
    // What it has in common with the others of its server.
    struct Common {
        std::shared_ptr<Dispatcher> dispatcher;
        std::shared_ptr<SpareBlocks> spare;
        std::shared_ptr<HeldBytes> held;
    };
    // The network outlives it. `called` is told of each call, until abort().
    Connection(Network& network, Stream stream, Common common, const ServerOptions& options,
               std::function<void()> called);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    // Until its end.
    [[nodiscard]] static asio::awaitable<void> run(std::shared_ptr<Connection> self);
    // No more calls are taken; it closes when those that are here have their replies.
    void finish();
    void abort();
    // Whether no call is being done, nor its reply on its way.
    [[nodiscard]] bool is_answered() const noexcept { return calls_ == 0 && sender_->empty(); }

private:
    class Back;
    [[nodiscard]] asio::awaitable<void> read();
    [[nodiscard]] asio::awaitable<void> wait_for_room();
    [[nodiscard]] asio::awaitable<void> wait_until_answered();
    [[nodiscard]] asio::awaitable<void> rest();
    [[nodiscard]] bool take_pending();
    void take(Record record);
    void expect_more();
    void heard_nothing();
    void could_not_send(SendFailure why);
    void close();
    void end();

    void send(std::shared_ptr<const Outgoing> reply, std::shared_ptr<void> held);
    void let_go(std::size_t bytes);

    [[nodiscard]] bool is_full() const noexcept;
    [[nodiscard]] std::size_t held() const noexcept { return call_bytes_ + sender_->bytes(); }
    void tell_held(bool client_moved);
    void held_too_much();

    Stream stream_;
    std::shared_ptr<Dispatcher> dispatcher_;
    std::shared_ptr<HeldBytes> all_held_;
    HeldBytes::Place held_place_;
    ServerOptions options_;
    std::function<void()> called_;
    Dispatcher::Origin origin_;  // of all its calls
    RecordReader reader_;
    std::vector<std::byte> buffer_;
    Bytes pending_;  // of the buffer: read, and not looked at yet
    Timer wake_;
    std::shared_ptr<Deadline> hearing_;
    std::shared_ptr<RecordSender> sender_;
    std::size_t calls_ = 0;       // without a reply that has been taken
    std::size_t call_bytes_ = 0;  // of them
    bool in_record_ = false;      // the record's deadline is set
    bool finishing_ = false;
    bool cut_off_ = false;
};

}  // namespace strata::session::rpc
