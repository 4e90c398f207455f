#include "strata/lab/embedded_network.hpp"

#include "strata/0_foundation/ip_sizes.hpp"

namespace strata::lab {
namespace {

// A round trip on this cable takes microseconds: more than this would only lie there, in both
// hosts, for each client that does not read.
constexpr std::size_t buffer_max = 128 << 10;
constexpr unsigned prefix_length = 24;
constexpr int ports_tried = 16;  // for one that is free for connections and datagrams

host::HostOptions host_options() {
    host::HostOptions options;
    options.session.connection.send_buffer_max = buffer_max;
    options.session.connection.receive_buffer_max = buffer_max;
    return options;
}

// Nothing on the cable can change a bit, nor tell a super-frame from the segments in it. A capture
// can, and shows them as on a wire.
physical::CableOptions cable_options(bool captured) {
    if (captured) return {};
    return {.checksum_offload = true, .super_frame_max = ip_packet_max};
}

}  // namespace

EmbeddedNetwork::EmbeddedNetwork(boost::asio::io_context& io, session::Network& outside, const std::string& pcap_file)
    : runtime_(io),
      lab_(io.get_executor(), runtime_.scheduler(), entropy_),
      server_(&lab_.add_host("server", host_options())),
      front_(&lab_.add_host("front", host_options())) {
    if (pcap_file.empty()) {
        lab_.join(*server_, "10.73.0.1/24", *front_, "10.73.0.2/24", cable_options(false));
    } else {
        lab_.join_captured(*server_, "10.73.0.1/24", *front_, "10.73.0.2/24", cable_options(true), pcap_file);
    }
    runtime_.tend(lab_.pool());
    runtime_.tend(server_->pool());
    runtime_.tend(front_->pool());
    gateway_ = std::make_unique<session::Gateway>(outside, front_->network());
    relay_ = std::make_unique<session::DatagramRelay>(outside, front_->network(), front_->address());
    const IpPrefix inside{server_->address(), prefix_length};
    network_ = std::make_unique<session::OutwardNetwork>(server_->network(), front_->network(), outside, *gateway_,
                                                         inside, front_->address());
}

EmbeddedNetwork::~EmbeddedNetwork() { runtime_.unwatch_all(); }

session::Address EmbeddedNetwork::expose(const session::Address& outside_address, std::uint16_t port,
                                         session::error_code& error) {
    return gateway_->carry(outside_address, session::Address{server_->address(), port}, error);
}

session::Address EmbeddedNetwork::expose_datagrams(const session::Address& outside_address, std::uint16_t port,
                                                   session::error_code& error) {
    return relay_->carry(outside_address, session::Address{server_->address(), port}, error);
}

session::Address EmbeddedNetwork::expose_both(const session::Address& outside_address, std::uint16_t port,
                                              session::error_code& error) {
    // One that was chosen for connections may be taken for datagrams.
    const int tries = number_of(outside_address.endpoint().port) == 0 ? ports_tried : 1;
    for (int i = 0; i < tries; ++i) {
        session::Address found_at;
        const session::Address inside{server_->address(), port};
        auto door = gateway_->open_door(outside_address, inside, found_at, error);
        if (error) return {};
        relay_->carry(found_at, inside, error);
        if (error) continue;
        doors_.push_back(std::move(door));
        return found_at;
    }
    return {};
}

std::shared_ptr<void> EmbeddedNetwork::open_door(const session::Address& client, std::uint16_t port,
                                                 session::Address& listens_at, session::error_code& error) {
    const auto found_at = gateway_->found_at(client);
    if (!found_at || found_at->is_unix()) {
        error = session::asio::error::not_connected;
        return nullptr;
    }
    const session::Address outside{found_at->endpoint().address, port};
    return gateway_->open_door(outside, session::Address{server_->address(), port}, listens_at, error);
}

session::Address EmbeddedNetwork::client_behind(const session::Address& remote) const {
    const session::Address of_stream = gateway_->outside_of(remote);
    return of_stream == remote ? relay_->outside_of(remote) : of_stream;
}

}  // namespace strata::lab
