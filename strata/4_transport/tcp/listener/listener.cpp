#include "strata/4_transport/tcp/listener/listener.hpp"

#include <utility>

namespace strata::transport::tcp {

Listener::Listener(ListenerOwner& owner, const Endpoint& local, const SipKey& key, const ListenOptions& options)
    : owner_(&owner),
      local_(local),
      options_(options),
      connection_options_(std::make_shared<ConnectionOptions>(options.connection)),
      syn_queue_(key, options.syn_queue_max, options.syn_ack_repeats, options.connection.rto_initial),
      syn_timer_([this] { owner_->syn_acks_due(*this); }) {}

Listener::~Listener() {
    if (owner_ != nullptr) owner_->stopped_listening(*this, ready_);
}

Connection* Listener::accept() {
    if (ready_.empty()) return nullptr;
    Connection* connection = ready_.front();
    ready_.pop_front();
    owner_->accepted(*connection);
    return connection;
}

void Listener::established(Connection& connection) {
    ready_.push_back(&connection);
    tell_ = true;
}

void Listener::notify() {
    if (std::exchange(tell_, false) && user_ != nullptr && !ready_.empty()) user_->acceptable();
}

}  // namespace strata::transport::tcp
