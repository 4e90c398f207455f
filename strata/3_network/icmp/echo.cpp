#include "strata/3_network/icmp/echo.hpp"

#include <algorithm>

namespace strata::network {

Result<std::unique_ptr<EchoClient>> Echo::open(EchoUser& user) {
    if (clients_.size() >= std::min(clients_max_, identifiers_half)) return fail(Error::limit_reached);
    auto identifier = static_cast<std::uint16_t>(context_.entropy.next());
    while (clients_.contains(identifier)) ++identifier;
    std::unique_ptr<EchoClient> client{new EchoClient{*this, user, identifier}};
    clients_.emplace(identifier, client.get());
    return client;
}

bool Echo::replied(std::uint16_t identifier, const EchoReply& reply) {
    const auto client = clients_.find(identifier);
    if (client == clients_.end()) return false;
    client->second->user_.echo_replied(reply);
    return true;
}

bool Echo::failed(std::uint16_t identifier, std::uint16_t sequence, const ErrorReport& report) {
    const auto client = clients_.find(identifier);
    if (client == clients_.end()) return false;
    return client->second->user_.echo_failed(sequence, report);
}

EchoClient::~EchoClient() { echo_.clients_.erase(identifier_); }

std::error_code EchoClient::send(const IpAddress& destination, std::uint16_t sequence, Bytes payload,
                                 const EchoSendOptions& options) {
    ControlProtocol* control = echo_.controls_[destination.version()];
    if (control == nullptr) return Error::no_route;
    return control->send_echo_request({.destination = destination,
                                       .identifier = identifier_,
                                       .sequence = sequence,
                                       .payload = payload,
                                       .ttl = options.ttl,
                                       .fragmentation = options.fragmentation,
                                       .record_route = options.record_route});
}

bool EchoClient::speaks(IpVersion version) const noexcept { return echo_.controls_[version] != nullptr; }

bool EchoClient::is_non_unicast(const IpAddress& destination) const {
    if (destination.is_multicast()) return true;
    const auto path = echo_.network_.path_to(destination);
    return path && path->broadcast;
}

}  // namespace strata::network
