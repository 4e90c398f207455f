#include "strata/5_session/rpc/client/stream_client.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "strata/5_session/rpc/record/record_sender.hpp"

namespace strata::session::rpc {
namespace {

constexpr std::size_t replies_read_at_once = 8 << 10;
constexpr std::size_t spare_blocks_max = 8;  // of record_max bytes, for the next long replies

}  // namespace

// The client's connections, one after the other; its coroutines keep it.
class StreamClient::Link : public std::enable_shared_from_this<Link> {
public:
    Link(Network& network, Address server, const Options& options)
        : network_(network),
          server_(std::move(server)),
          options_(options),
          calls_(network, options.calls_at_once_max),
          pause_(network.make_timer()),
          silence_(Deadline::make(network, [this] {
              if (!calls_.empty()) lose();
          })) {}

    static asio::awaitable<Results> call(std::shared_ptr<Link> self, Target target, Body arguments,
                                         CallOptions options);
    void close();
    [[nodiscard]] const RpcClientCounters& counters() const noexcept { return calls_.counters; }

private:
    void send(WaitingCall& call);
    void hand_down(WaitingCall& call);
    [[nodiscard]] static asio::awaitable<void> keep_connected(std::shared_ptr<Link> self);
    [[nodiscard]] asio::awaitable<error_code> connect();
    [[nodiscard]] asio::awaitable<void> read();
    [[nodiscard]] bool take(Bytes bytes);
    [[nodiscard]] bool heard(Record record);
    void lose();

    Network& network_;
    Address server_;
    Options options_;
    WaitingCalls calls_;
    Timer pause_;
    std::shared_ptr<Deadline> silence_;
    Stream stream_;
    std::shared_ptr<RecordSender> sender_;  // null without a connection
    std::shared_ptr<SpareBlocks> spare_ = std::make_shared<SpareBlocks>(options_.record.record_max, spare_blocks_max);
    RecordReader reader_;
    Duration next_pause_{};
    bool connecting_ = false;  // keep_connected() is at it
    bool was_connected_ = false;
    bool closed_ = false;
};

asio::awaitable<Results> StreamClient::Link::call(std::shared_ptr<Link> self, Target target, Body arguments,
                                                  CallOptions options) {
    WaitingCall waiting(self->calls_);
    waiting.message = Outgoing::call(waiting.xid, target, options.credentials, std::move(arguments));
    if (waiting.message->size() > self->options_.record.record_max)
        throw boost::system::system_error(Errc::call_too_long);
    self->send(waiting);
    const bool over = co_await waiting.wait(options.timeout);
    if (over) co_return waiting.results();
    ++self->calls_.counters.rpcTimeouts;
    throw boost::system::system_error(asio::error::timed_out, "call to " + self->server_.to_string());
}

void StreamClient::Link::send(WaitingCall& call) {
    if (closed_) return calls_.fail(asio::error::operation_aborted);
    if (sender_) {
        if (calls_.all().size() == 1) silence_->set(options_.silence_timeout);
        hand_down(call);
    } else if (!std::exchange(connecting_, true)) {
        asio::co_spawn(network_.get_executor(), keep_connected(shared_from_this()), asio::detached);
    }
}

void StreamClient::Link::hand_down(WaitingCall& call) {
    if (std::exchange(call.sent, true)) ++calls_.counters.rpcOutRepeated;
    sender_->send(call.message);
}

// As long as calls wait. A connection without calls stays until the server ends it.
asio::awaitable<void> StreamClient::Link::keep_connected(std::shared_ptr<Link> self) {
    self->next_pause_ = self->options_.reconnect_first;
    while (!self->closed_ && !self->calls_.empty()) {
        const error_code failed = co_await self->connect();
        if (self->closed_) break;
        if (failed && !self->was_connected_) {
            self->calls_.fail(failed);
            break;
        }
        if (!failed) co_await self->read();
        self->lose();
        if (self->closed_ || self->calls_.empty()) break;
        error_code ignored;
        self->pause_.expires_after(self->next_pause_);
        self->next_pause_ = std::min(2 * self->next_pause_, self->options_.reconnect_pause_max);
        co_await self->pause_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    self->connecting_ = false;
}

// And sends what waits, the oldest first.
asio::awaitable<error_code> StreamClient::Link::connect() {
    error_code error;
    stream_ = co_await network_.async_connect(server_, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return error;
    if (closed_) {
        stream_.close();
        co_return error;
    }
    ++calls_.counters.rpcConnects;
    stream_.set_no_delay(true);
    reader_ = RecordReader(options_.record, spare_);
    sender_ = std::make_shared<RecordSender>(network_, stream_, options_.send_timeout, [this](SendFailure) { lose(); });
    silence_->set(options_.silence_timeout);
    for (const auto& [xid, call] : calls_.all()) {
        if (!call->is_over()) hand_down(*call);
    }
    was_connected_ = true;
    co_return error;
}

// Until the connection ends.
asio::awaitable<void> StreamClient::Link::read() {
    std::vector<std::byte> buffer(replies_read_at_once);
    error_code error;
    while (!error && sender_) {
        const MutableBytes room = reader_.room();
        const MutableBytes into = room.empty() ? MutableBytes(buffer) : room;
        const asio::mutable_buffer to(into.data(), into.size());
        const std::size_t count =
            co_await stream_.async_read_some(to, asio::redirect_error(asio::use_awaitable, error));
        if (!sender_) break;
        if (count > 0) silence_->set(options_.silence_timeout);
        bool well = true;
        if (room.empty()) {
            well = take(Bytes(buffer).first(count));
        } else if (reader_.filled(count)) {
            well = heard(reader_.take());
        }
        if (!well) break;
    }
}

// A server that does not speak RPC will not learn it on the next connection.
bool StreamClient::Link::take(Bytes bytes) {
    while (!bytes.empty()) {
        const Result<bool> whole = reader_.feed(bytes);
        if (!whole) {
            ++calls_.counters.rpcInBadReplies;
            calls_.fail(Errc::bad_reply);
            return false;
        }
        if (*whole && !heard(reader_.take())) return false;
    }
    return true;
}

bool StreamClient::Link::heard(Record record) {
    if (!calls_.heard(std::move(record))) {
        calls_.fail(Errc::bad_reply);
        return false;
    }
    next_pause_ = options_.reconnect_first;
    return true;
}

// The connection is of no use any more.
void StreamClient::Link::lose() {
    if (!sender_) return;
    calls_.empty() ? stream_.close() : stream_.abort();
    sender_->stop();
    sender_.reset();
    silence_->clear();
}

void StreamClient::Link::close() {
    closed_ = true;
    silence_->stop();
    if (sender_) {
        stream_.close();
        sender_->stop();
        sender_.reset();
    }
    pause_.cancel();
    calls_.fail(asio::error::operation_aborted);
}

StreamClient::StreamClient(Network& network, Address server, const Options& options)
    : link_(std::make_shared<Link>(network, std::move(server), options)) {}

StreamClient::~StreamClient() { link_->close(); }

const RpcClientCounters& StreamClient::counters() const noexcept { return link_->counters(); }

asio::awaitable<Results> StreamClient::start(const Target& target, Body arguments, const CallOptions& options) {
    return Link::call(link_, target, std::move(arguments), options);
}

}  // namespace strata::session::rpc
