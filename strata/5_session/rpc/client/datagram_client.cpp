#include "strata/5_session/rpc/client/datagram_client.hpp"

#include <algorithm>

namespace strata::session::rpc {
namespace {

constexpr std::size_t reply_buffer_size = 65536;  // no datagram is longer
constexpr Duration rest_after_receive_error = 100ms;

Datagram open_to(Network& network, const Address& server) {
    Datagram socket = network.open_datagram({IpAddress::any(server.endpoint().address.version()), 0});
    if (const error_code error = socket.connect(server))
        throw boost::system::system_error(error, "connect to " + server.to_string());
    return socket;
}

}  // namespace

// The client's socket; its coroutines and what it receives keep it.
class DatagramClient::Link : public std::enable_shared_from_this<Link> {
public:
    Link(Network& network, const Address& server, const Options& options)
        : network_(network),
          server_(server),
          options_(options),
          calls_(network, options.calls_at_once_max),
          socket_(open_to(network, server)),
          rest_(network.make_timer()),
          buffer_(reply_buffer_size) {}

    static asio::awaitable<Results> call(std::shared_ptr<Link> self, Target target, Body arguments,
                                         CallOptions options);
    void receive();
    void close();
    [[nodiscard]] const RpcClientCounters& counters() const noexcept { return calls_.counters; }

private:
    void received(const error_code& error, std::size_t size);
    void send(const Outgoing& message);

    Network& network_;
    Address server_;
    Options options_;
    WaitingCalls calls_;
    Datagram socket_;
    Timer rest_;
    std::vector<std::byte> buffer_;
    std::vector<std::byte> call_;
    bool closed_ = false;
};

asio::awaitable<Results> DatagramClient::Link::call(std::shared_ptr<Link> self, Target target, Body arguments,
                                                    CallOptions options) {
    WaitingCall waiting(self->calls_);
    waiting.message = Outgoing::call(waiting.xid, target, options.credentials, std::move(arguments));
    if (waiting.message->size() > self->options_.datagram_call_max)
        throw boost::system::system_error(Errc::call_too_long);
    if (self->closed_) throw boost::system::system_error(asio::error::operation_aborted);
    const Instant deadline = saturating_add(self->network_.now(), options.timeout);
    for (Duration pause = self->options_.repeat_first; self->network_.now() < deadline;
         pause = std::min(2 * pause, self->options_.repeat_pause_max)) {
        self->send(*waiting.message);
        const Duration at_most = std::min(pause, Duration(deadline - self->network_.now()));
        const bool over = co_await waiting.wait(at_most);
        if (over) co_return waiting.results();
        if (self->network_.now() < deadline) ++self->calls_.counters.rpcOutRepeated;
    }
    ++self->calls_.counters.rpcTimeouts;
    throw boost::system::system_error(asio::error::timed_out, "call to " + self->server_.to_string());
}

void DatagramClient::Link::send(const Outgoing& message) {
    call_.clear();
    message.append_message(call_);
    const Bytes datagram = call_;
    socket_.send_at_once({&datagram, 1}, {});
}

void DatagramClient::Link::receive() {
    socket_.async_receive_from(asio::buffer(buffer_),
                               [self = shared_from_this()](const error_code& error, std::size_t size, const Address&) {
                                   self->received(error, size);
                               });
}

void DatagramClient::Link::received(const error_code& error, std::size_t size) {
    if (closed_ || error == asio::error::operation_aborted || error == asio::error::bad_descriptor) return;
    if (!error) {
        // What is no reply is dropped: the reply may come yet.
        (void)calls_.heard(Record(Bytes(buffer_).first(size)));
        return receive();
    }
    if (error == asio::error::connection_refused) calls_.fail(error);
    rest_.expires_after(rest_after_receive_error);
    rest_.async_wait([self = shared_from_this()](const error_code& stopped) {
        if (!stopped && !self->closed_) self->receive();
    });
}

void DatagramClient::Link::close() {
    closed_ = true;
    rest_.cancel();
    socket_.close();
    calls_.fail(asio::error::operation_aborted);
}

DatagramClient::DatagramClient(Network& network, const Address& server, const Options& options)
    : link_(std::make_shared<Link>(network, server, options)) {
    link_->receive();
}

DatagramClient::~DatagramClient() { link_->close(); }

const RpcClientCounters& DatagramClient::counters() const noexcept { return link_->counters(); }

asio::awaitable<Results> DatagramClient::start(const Target& target, Body arguments, const CallOptions& options) {
    return Link::call(link_, target, std::move(arguments), options);
}

}  // namespace strata::session::rpc
