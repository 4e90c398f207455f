#include "strata/4_transport/tcp/listener/listener.hpp"

#include <algorithm>

#include "strata/4_transport/tcp/tcp.hpp"

namespace strata::transport::tcp {

Listener::Listener(Tcp& tcp, const Endpoint& local, const ListenOptions& options)
    : tcp_(&tcp),
      local_(local),
      options_(options),
      connection_options_(std::make_shared<ConnectionOptions>(options.connection)) {}

Listener::~Listener() {
    if (tcp_ != nullptr) tcp_->stopped_listening(*this);
}

Connection* Listener::accept() {
    if (ready_.empty()) return nullptr;
    Connection* connection = ready_.front();
    ready_.pop_front();
    connection->books.listener = nullptr;
    return connection;
}

void Listener::half_open_began(Connection& connection) noexcept {
    ++half_open_;
    connection.books.listener = this;
    connection.books.half_open = true;
}

void Listener::half_open_ended(Connection& connection) {
    if (!connection.books.half_open) return;
    connection.books.half_open = false;
    --half_open_;
    if (connection.over()) {
        connection.books.listener = nullptr;
        return;
    }
    // Two handshakes may have ended at once for the last place: the bound is soft by the length of the SYN queue.
    ready_.push_back(&connection);
    tell_ = true;
}

void Listener::forget(Connection& connection) noexcept {
    std::erase(ready_, &connection);
    connection.books.listener = nullptr;
}

void Listener::notify() {
    if (std::exchange(tell_, false) && user_ != nullptr && !ready_.empty()) user_->acceptable();
}

}  // namespace strata::transport::tcp
