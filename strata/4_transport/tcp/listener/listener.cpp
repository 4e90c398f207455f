#include "strata/4_transport/tcp/listener/listener.hpp"

#include "strata/4_transport/tcp/tcp.hpp"

namespace strata::transport::tcp {

Listener::Listener(Tcp& tcp, const Endpoint& local, const SipKey& key, const ListenOptions& options)
    : tcp_(&tcp),
      local_(local),
      options_(options),
      connection_options_(std::make_shared<ConnectionOptions>(options.connection)),
      syn_queue_(key, options.syn_queue_max, options.syn_ack_repeats, options.connection.rto_initial),
      syn_timer_([this] { tcp_->repeat_syn_acks(*this); }) {}

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

void Listener::established(Connection& connection) {
    connection.books.listener = this;
    ready_.push_back(&connection);
    tell_ = true;
}

void Listener::notify() {
    if (std::exchange(tell_, false) && user_ != nullptr && !ready_.empty()) user_->acceptable();
}

}  // namespace strata::transport::tcp
