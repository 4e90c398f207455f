#include "strata/5_session/rpc/server/connection.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace strata::session::rpc {
namespace {

constexpr std::size_t read_at_once = 8 << 10;

}  // namespace

// Holds its call's place on the connection until the reply has been taken, or there will be none.
class Connection::Back final : public WayBack {
public:
    Back(std::shared_ptr<Connection> to, std::size_t bytes) : held_(std::make_shared<Held>(std::move(to), bytes)) {}
    void send(std::shared_ptr<const Outgoing> reply) override {
        const std::shared_ptr<Connection> to = held_->to;
        to->send(std::move(reply), std::exchange(held_, nullptr));
    }

private:
    struct Held {
        Held(std::shared_ptr<Connection> of, std::size_t size) : to(std::move(of)), bytes(size) {
            ++to->calls_;
            to->call_bytes_ += bytes;
        }
        Held(const Held&) = delete;
        Held& operator=(const Held&) = delete;
        ~Held() { to->let_go(bytes); }
        std::shared_ptr<Connection> to;
        std::size_t bytes;
    };
    std::shared_ptr<Held> held_;
};

Connection::Connection(Network& network, Stream stream, Common common, const ServerOptions& options,
                       std::function<void()> called)
    : stream_(std::move(stream)),
      dispatcher_(std::move(common.dispatcher)),
      all_held_(std::move(common.held)),
      held_place_(all_held_->add([this] { held_too_much(); })),
      options_(options),
      called_(std::move(called)),
      origin_{stream_.remote(), stream_.local(), Transport::stream, options.record.record_max},
      reader_(options.record, std::move(common.spare)),
      wake_(network.make_timer()),
      hearing_(Deadline::make(network, [this] { heard_nothing(); })),
      sender_(std::make_shared<RecordSender>(network, stream_, options.stall_timeout,
                                             [this](SendFailure why) { could_not_send(why); })) {}

Connection::~Connection() {
    hearing_->stop();
    stream_.close();
    sender_->stop();
    all_held_->remove(held_place_);
}

asio::awaitable<void> Connection::run(std::shared_ptr<Connection> self) {
    self->stream_.set_no_delay(true);
    co_await self->read();
    if (!self->cut_off_) co_await self->wait_until_answered();
    if (!self->cut_off_) self->close();
}

// The stream first: what is being written is the sender's.
void Connection::abort() {
    cut_off_ = true;
    stream_.abort();
    end();
}

void Connection::close() {
    cut_off_ = true;
    stream_.close();
    end();
}

void Connection::end() {
    hearing_->clear();
    sender_->stop();
    wake_.cancel();
    all_held_->is(held_place_, 0, false);
}

void Connection::finish() {
    finishing_ = true;
    if (is_answered()) close();
}

void Connection::heard_nothing() {
    if (in_record_) {
        ++dispatcher_->counters.rpcConnectionsStalled;
        return abort();
    }
    ++dispatcher_->counters.rpcConnectionsIdle;
    close();
}

void Connection::held_too_much() {
    ++dispatcher_->counters.rpcConnectionsHeavy;
    abort();
}

bool Connection::is_full() const noexcept {
    return calls_ >= options_.calls_per_connection_max ||
           held() >= std::min(options_.held_bytes_max, all_held_->share());
}

void Connection::tell_held(bool client_moved) {
    if (!cut_off_) all_held_->is(held_place_, reader_.held() + held(), client_moved);
}

// Until the client's end, or an error, or abort().
asio::awaitable<void> Connection::read() {
    buffer_.resize(read_at_once);
    while (!cut_off_) {
        if (!take_pending()) {
            ++dispatcher_->counters.rpcInErrors;
            co_return abort();
        }
        if (is_full()) {
            co_await wait_for_room();
            continue;
        }
        expect_more();
        const MutableBytes room = reader_.room();
        const MutableBytes into = room.empty() ? MutableBytes(buffer_) : room;
        const asio::mutable_buffer to(into.data(), into.size());
        error_code error;
        const std::size_t count =
            co_await stream_.async_read_some(to, asio::redirect_error(asio::use_awaitable, error));
        if (error == asio::error::eof) co_return;
        if (cut_off_) co_return;
        if (error) co_return abort();
        if (room.empty()) {
            pending_ = Bytes(buffer_).first(count);
        } else if (reader_.filled(count)) {
            take(reader_.take());
        }
        tell_held(true);
        all_held_->keep_bound();
    }
}

// Looks at what was read, as long as there is room for calls. False if it is no record.
bool Connection::take_pending() {
    while (!pending_.empty() && !is_full() && !cut_off_) {
        const Result<bool> whole = reader_.feed(pending_);
        if (!whole) return false;
        if (*whole) take(reader_.take());
    }
    return true;
}

void Connection::take(Record record) {
    in_record_ = false;
    if (finishing_) return;
    called_();
    auto back = std::make_unique<Back>(shared_from_this(), record.size());
    if (!dispatcher_->take(std::move(record), origin_, std::move(back))) abort();
}

// A record that has begun has its time; between records a client may be silent, but for so long,
// and not while it waits for us.
void Connection::expect_more() {
    if (!reader_.is_between_records()) {
        if (!std::exchange(in_record_, true)) hearing_->set(options_.record_timeout);
    } else if (is_answered()) {
        hearing_->set(options_.idle_timeout);
    } else {
        hearing_->clear();
    }
}

asio::awaitable<void> Connection::rest() {
    error_code ignored;
    wake_.expires_after(Duration::max());
    co_await wake_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

asio::awaitable<void> Connection::wait_for_room() {
    hearing_->clear();
    in_record_ = false;
    while (is_full() && !cut_off_) co_await rest();
}

asio::awaitable<void> Connection::wait_until_answered() {
    hearing_->clear();
    while (!is_answered() && !cut_off_) co_await rest();
}

void Connection::let_go(std::size_t bytes) {
    --calls_;
    call_bytes_ -= bytes;
    wake_.cancel();
    tell_held(true);
    if (cut_off_ || !is_answered()) return;
    if (finishing_) return close();
    if (!hearing_->is_set()) hearing_->set(options_.idle_timeout);
}

void Connection::send(std::shared_ptr<const Outgoing> reply, std::shared_ptr<void> held) {
    if (cut_off_ || !stream_.is_open()) return;
    sender_->send(std::move(reply), std::move(held));
    tell_held(false);
    all_held_->keep_bound();
}

void Connection::could_not_send(SendFailure why) {
    if (why == SendFailure::stalled) ++dispatcher_->counters.rpcConnectionsStalled;
    abort();
}

}  // namespace strata::session::rpc
