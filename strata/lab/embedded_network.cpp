#include "strata/lab/embedded_network.hpp"

namespace strata::lab {

EmbeddedNetwork::EmbeddedNetwork(boost::asio::io_context& io, session::Network& outside, const std::string& pcap_file)
    : runtime_(io),
      lab_(io.get_executor(), runtime_.scheduler(), entropy_),
      server_(&lab_.add_host("server")),
      front_(&lab_.add_host("front")) {
    if (pcap_file.empty()) {
        lab_.join(*server_, "10.73.0.1/24", *front_, "10.73.0.2/24");
    } else {
        lab_.join_captured(*server_, "10.73.0.1/24", *front_, "10.73.0.2/24", {}, pcap_file);
    }
    gateway_ = std::make_unique<session::Gateway>(outside, front_->network());
}

EmbeddedNetwork::~EmbeddedNetwork() = default;

session::Address EmbeddedNetwork::expose(const session::Address& outside_address, std::uint16_t port,
                                         session::error_code& error) {
    return gateway_->carry(outside_address, session::Address{server_->address(), port}, error);
}

}  // namespace strata::lab
