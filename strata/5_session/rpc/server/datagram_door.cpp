#include "strata/5_session/rpc/server/datagram_door.hpp"

#include <utility>

namespace strata::session::rpc {
namespace {

constexpr std::size_t datagram_buffer_size = 65536;  // no datagram is longer
constexpr Duration rest_after_socket_error = 100ms;

}  // namespace

class DatagramDoor::Back final : public WayBack {
public:
    Back(std::shared_ptr<DatagramDoor> door, Address to) : door_(std::move(door)), to_(std::move(to)) {
        ++door_->calls_;
    }
    ~Back() override { door_->let_go(); }
    void send(std::shared_ptr<const Outgoing> reply) override {
        if (door_->closed_) return;
        door_->reply_.clear();
        reply->append_message(door_->reply_);
        const Bytes datagram = door_->reply_;
        door_->socket_.send_at_once({&datagram, 1}, to_);
    }

private:
    std::shared_ptr<DatagramDoor> door_;
    Address to_;
};

DatagramDoor::DatagramDoor(Network& network, Datagram socket, std::shared_ptr<Dispatcher> dispatcher,
                           const ServerOptions& options)
    : socket_(std::move(socket)),
      local_(socket_.local()),
      dispatcher_(std::move(dispatcher)),
      calls_max_(options.datagram_calls_max),
      reply_room_(options.datagram_reply_max),
      lets_in_(options.client_behind && options.lets_in ? [lets = options.lets_in, behind = options.client_behind](
                                                              const Address& at) { return lets(behind(at)); }
                                                        : options.lets_in),
      buffer_(datagram_buffer_size),
      rest_(network.make_timer()) {}

void DatagramDoor::start() {
    socket_.async_receive_from(asio::buffer(buffer_),
                               [self = shared_from_this()](const error_code& error, std::size_t size,
                                                           const Address& from) { self->arrived(error, size, from); });
}

void DatagramDoor::arrived(const error_code& error, std::size_t size, const Address& from) {
    if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor || finishing_) return;
    if (!error) {
        take(Bytes(buffer_).first(size), from);
        return start();
    }
    rest_.expires_after(rest_after_socket_error);
    rest_.async_wait([self = shared_from_this()](const error_code& stopped) {
        if (!stopped && !self->finishing_) self->start();
    });
}

void DatagramDoor::take(Bytes message, const Address& from) {
    if (calls_ >= calls_max_ || (lets_in_ && !lets_in_(from))) {
        ++dispatcher_->counters.rpcInDropped;
        return;
    }
    const Dispatcher::Origin origin{from, local_, Transport::datagram, reply_room_};
    dispatcher_->take(Record(message), origin, std::make_unique<Back>(shared_from_this(), from));
}

void DatagramDoor::let_go() {
    --calls_;
    if (finishing_ && calls_ == 0) close();
}

void DatagramDoor::finish() {
    finishing_ = true;
    rest_.cancel();
    if (calls_ == 0) return close();
    socket_.cancel();
}

void DatagramDoor::abort() {
    finishing_ = true;
    rest_.cancel();
    close();
}

void DatagramDoor::close() {
    closed_ = true;
    socket_.close();
}

}  // namespace strata::session::rpc
