#include "strata/4_transport/udp/udp.hpp"

#include <algorithm>

#include "strata/0_foundation/checksum.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/4_transport/segment_checksum.hpp"
#include "strata/4_transport/udp/header.hpp"

namespace strata::transport {
// --- Udp

Udp::Udp(Context context, network::Service& network, UdpOptions options)
    : context_(context), network_(network), options_(options) {
    network_.attach(network::Protocol::udp, this);
}

Udp::~Udp() { network_.attach(network::Protocol::udp, nullptr); }

Result<std::unique_ptr<UdpSocket>> Udp::open(const Endpoint& local, PortUse use) {
    if (sockets_.size() >= options_.sockets_max) return fail(Error::limit_reached);
    if (!local.address.is_any() && !network_.is_own_address(local.address)) return fail(Error::address_not_available);
    Endpoint chosen = local;
    if (number_of(local.port) == 0) {
        const auto port = choose_port(local.address);
        if (!port) return std::unexpected(port.error());
        chosen.port = *port;
    } else if (in_use(chosen, use)) {
        return fail(Error::address_in_use);
    }
    std::unique_ptr<UdpSocket> socket{new UdpSocket{*this, chosen, use}};
    sockets_.emplace(number_of(chosen.port), socket.get());
    return socket;
}

// A port is taken if a socket has it on the same address, or either of them means all addresses;
// unless both share it.
bool Udp::in_use(const Endpoint& local, PortUse use) const {
    const auto [begin, end] = sockets_.equal_range(number_of(local.port));
    return std::any_of(begin, end, [&](const auto& entry) {
        if (use == PortUse::shared && entry.second->use_ == PortUse::shared) return false;
        const IpAddress& other = entry.second->local_.address;
        return other == local.address || other.is_any() || local.address.is_any();
    });
}

Result<PortNumber> Udp::choose_port(const IpAddress& address) {
    const auto usable = [&](PortNumber port, bool) { return !in_use({address, port}, PortUse::alone); };
    const auto port = transport::choose_port(options_.ephemeral_ports, context_.entropy, usable);
    return port ? Result<PortNumber>{*port} : fail(Error::address_in_use);
}

// The socket that knows most about the two ends; null if none fits. A
// connected one takes its peer's datagrams alone.
UdpSocket* Udp::best_match(const Endpoint& local, const Endpoint& remote,
                           std::optional<std::uint32_t> interface) const {
    UdpSocket* best = nullptr;
    int best_score = -1;
    const auto [begin, end] = sockets_.equal_range(number_of(local.port));
    for (auto entry = begin; entry != end; ++entry) {
        UdpSocket& socket = *entry->second;
        const bool any = socket.local_.address.is_any();
        if (!any && socket.local_.address != local.address) continue;
        if (socket.remote_ && *socket.remote_ != remote) continue;
        if (!socket.hears(interface)) continue;
        const int score = (any ? 0 : 1) + (socket.remote_ ? 2 : 0);
        if (score > best_score) {
            best = &socket;
            best_score = score;
        }
    }
    return best;
}

void Udp::deliver(Packet packet, const network::Arrival& arrival) {
    if (!packet.pull(UdpHeader::size)) return drop(packet, &UdpCounters::udpInErrors);
    const auto header = UdpHeader::parse(packet.front());
    if (!header || header->length > packet.size()) return drop(packet, &UdpCounters::udpInErrors);
    packet.trim_end(packet.size() - header->length);
    if (!checksum_verified(packet, *header, arrival)) {
        ++counters_.udpInErrors;
        return drop(packet, &UdpCounters::udpInChecksumErrors);
    }
    const Endpoint local{arrival.destination, header->destination};
    const Endpoint remote{arrival.source, header->source};
    if (arrival.is_non_unicast()) return deliver_to_all(std::move(packet), remote, header->destination, arrival);
    UdpSocket* socket = best_match(local, remote, arrival.interface);
    if (socket == nullptr) return nobody_listens(std::move(packet), arrival);
    packet.trim(UdpHeader::size);
    if (socket->queue(remote, std::move(packet))) socket->tell_user();
}

// RFC 1122 4.1.3.3, RFC 3678 2: to every socket that wants it. Their users are told when all have
// it, and may close any of them.
void Udp::deliver_to_all(Packet packet, const Endpoint& remote, PortNumber port, const network::Arrival& arrival) {
    std::vector<UdpSocket*> wanting;
    const auto [begin, end] = sockets_.equal_range(number_of(port));
    for (auto entry = begin; entry != end; ++entry) {
        if (entry->second->wants(remote, arrival)) wanting.push_back(entry->second);
    }
    if (wanting.empty()) return nobody_listens(std::move(packet), arrival);
    packet.trim(UdpHeader::size);
    const UdpSocket* last = wanting.back();
    std::erase_if(wanting, [&](UdpSocket* socket) {
        return !socket->queue(remote, socket == last ? std::move(packet) : packet.clone());
    });
    for (UdpSocket* socket : wanting) {
        if (is_open(socket, port)) socket->tell_user();
    }
}

bool Udp::is_open(const UdpSocket* socket, PortNumber port) const {
    const auto [begin, end] = sockets_.equal_range(number_of(port));
    return std::any_of(begin, end, [&](const auto& entry) { return entry.second == socket; });
}

void Udp::nobody_listens(Packet packet, const network::Arrival& arrival) {
    drop(packet, &UdpCounters::udpNoPorts);
    fill_in_checksum(packet, arrival);
    network_.refuse(std::move(packet), arrival);
}

// A checksum of zero means that the sender made none (RFC 768); IPv6 forbids that (RFC 8200 8.1).
bool Udp::checksum_verified(const Packet& packet, const UdpHeader& header, const network::Arrival& arrival) {
    if (packet.checksum_state() == ChecksumState::unknown && header.checksum == 0) return arrival.source.is_v4();
    return transport::checksum_verified(packet, arrival);
}

// A datagram that never met a wire may lack its checksum (a TAP's
// offload). The error that quotes it is read elsewhere.
void Udp::fill_in_checksum(Packet& packet, const network::Arrival& arrival) {
    std::byte* field = packet.mutable_front().data() + UdpHeader::checksum_field;
    if (packet.checksum_state() != ChecksumState::verified || load_be16(field) == 0) return;
    store_be16(field, 0);
    ChecksumSum sum{pseudo_header_sum(arrival.source, arrival.destination, network::Protocol::udp, packet.size())};
    packet.for_each_piece([&](Bytes piece) { sum.add(piece); });
    const std::uint16_t checksum = sum.checksum();
    store_be16(field, checksum == 0 ? 0xffff : checksum);
}

void Udp::error(const network::ErrorReport& report) {
    const auto header = UdpHeader::parse(report.transport_header);
    if (!header) {
        ++counters_.udpIgnoredErrors;
        return;
    }
    UdpSocket* socket = best_match({report.source, header->source}, {report.destination, header->destination});
    const bool too_long = report.kind == network::ErrorReport::Kind::fragmentation_needed;
    // Only a connected socket can tell which of its datagrams failed (RFC 1122 4.1.3.3); but that
    // one to this destination was too long, also one that sent it there last.
    if (socket == nullptr || !(socket->remote_ || (too_long && socket->sends_to(report.destination)))) {
        ++counters_.udpIgnoredErrors;
        return;
    }
    if (too_long) {
        network_.path_mtu_reported(report.destination, report.mtu);
        // Others are cut from now on.
        if (socket->may_be_cut()) return;
    }
    socket->failed(report);
}

void Udp::drop(const Packet& packet, CounterOf<UdpCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::transport, Direction::up, Verdict::dropped, counter, packet);
}

// --- UdpSocket

UdpSocket::UdpSocket(Udp& udp, const Endpoint& local, PortUse use)
    : udp_(&udp), local_(local), use_(use), memberships_(udp.network_, this, udp.options_.memberships_max) {}

UdpSocket::~UdpSocket() {
    const auto [begin, end] = udp_->sockets_.equal_range(number_of(local_.port));
    const auto self = std::find_if(begin, end, [this](const auto& entry) { return entry.second == this; });
    if (self != end) udp_->sockets_.erase(self);
}

std::error_code UdpSocket::connect(const Endpoint& remote) {
    if (number_of(remote.port) == 0) return Error::invalid_argument;
    auto path = path_for(remote.address);
    if (!path) return path.error();
    if (path->broadcast && !broadcast_) return Error::invalid_argument;
    remote_ = remote;
    path_ = std::move(*path);
    // Datagrams that others sent before are no longer wanted.
    for (std::size_t count = queue_.size(); count > 0; --count) {
        Waiting waiting = std::move(queue_.front());
        queue_.pop_front();
        if (waiting.from == remote)
            queue_.push_back(std::move(waiting));
        else {
            queued_bytes_ -= waiting.payload.size();
            udp_->drop(waiting.payload, &UdpCounters::udpUnwanted);
        }
    }
    return {};
}

Result<std::size_t> UdpSocket::send(Bytes payload, std::optional<Endpoint> to) {
    if (pending_error_) return std::unexpected(std::exchange(pending_error_, {}));
    const std::optional<Endpoint> peer = to ? to : remote_;
    if (!peer) return fail(Error::not_connected);
    if (number_of(peer->port) == 0) return fail(Error::invalid_argument);
    const std::error_code error = send_to(payload, *peer);
    if (error) {
        if (error != Error::would_block) ++udp_->counters_.udpOutErrors;
        return std::unexpected(error);
    }
    ++udp_->counters_.udpOutDatagrams;
    return payload.size();
}

std::error_code UdpSocket::send_to(Bytes payload, const Endpoint& to) {
    network::Service& network = udp_->network_;
    // A path that is refreshed forgets which interface we are bound to.
    if (!path_ || path_->destination != to.address || interface_ || !network.refresh(*path_)) {
        auto path = path_for(to.address);
        if (!path) return path.error();
        path_ = std::move(*path);
    }
    if (path_->broadcast && !broadcast_) return Error::invalid_argument;
    const std::size_t length = UdpHeader::size + payload.size();
    if (path_->header_size + length > longest_packet()) return Error::message_too_long;
    if (!network.ready(*path_)) return Error::would_block;
    network::SendOptions options = send_options_;
    if (to.address.is_multicast()) options.ttl = multicast_ttl_;
    return network.send(make_datagram(payload, to), *path_, options);
}

Result<network::Path> UdpSocket::path_for(const IpAddress& destination) const {
    network::Service& network = udp_->network_;
    const IpAddress source = source_for(destination);
    if (interface_ && destination.is_broadcast()) return network.path_to_everybody(*interface_, source);
    auto path = network.path_to(destination, source);
    if (path && interface_ && path->interface != *interface_) return fail(Error::no_route);
    return path;
}

std::error_code UdpSocket::bind_to_interface(std::string_view name) {
    const auto interface = udp_->network_.interface_named(name);
    if (!interface) return interface.error();
    interface_ = *interface;
    path_.reset();
    return {};
}

IpAddress UdpSocket::source_for(const IpAddress& destination) const noexcept {
    return destination.is_multicast() && !multicast_interface_.is_any() ? multicast_interface_ : local_.address;
}

std::error_code UdpSocket::set_multicast_interface(const IpAddress& own) {
    if (!own.is_any()) {
        if (!udp_->network_.is_own_address(own) || own.is_loopback()) return Error::address_not_available;
        if (!local_.address.is_any() && local_.address != own) return Error::invalid_argument;
    }
    multicast_interface_ = own;
    path_.reset();
    return {};
}

// A connected one takes its peer's datagrams alone; of a group's, those that it has asked for.
bool UdpSocket::wants(const Endpoint& from, const network::Arrival& arrival) const noexcept {
    if ((remote_ && *remote_ != from) || !hears(arrival.interface)) return false;
    if (!arrival.multicast) return true;
    return memberships_.admits(arrival.interface, arrival.destination, arrival.source);
}

std::size_t UdpSocket::longest_packet() const noexcept { return may_be_cut() ? ip_packet_max : packet_max(); }

Packet UdpSocket::make_datagram(Bytes payload, const Endpoint& to) const {
    Packet packet = Packet::make(udp_->context_.pool, path_->headroom + UdpHeader::size, payload.size());
    if (!payload.empty()) std::memcpy(packet.extend(payload.size()), payload.data(), payload.size());
    std::byte* at = packet.push(UdpHeader::size);
    const auto length = static_cast<std::uint16_t>(packet.size());
    UdpHeader{local_.port, to.port, length, 0}.write(at);
    if (!udp_->options_.checksum) return packet;
    set_checksum(packet, UdpHeader::checksum_field, *path_, network::Protocol::udp);
    return packet;
}

// False: there was no room for it.
bool UdpSocket::queue(const Endpoint& from, Packet payload) {
    const UdpOptions& options = udp_->options_;
    if (queue_.size() >= options.receive_count_max || queued_bytes_ + payload.size() > options.receive_bytes_max) {
        ++udp_->counters_.udpInErrors;
        udp_->drop(payload, &UdpCounters::udpRcvbufErrors);
        return false;
    }
    ++udp_->counters_.udpInDatagrams;
    udp_->context_.traced(Floor::transport, Direction::up, Verdict::passed, &UdpCounters::udpInDatagrams, payload);
    queued_bytes_ += payload.size();
    queue_.push_back({from, std::move(payload)});
    return true;
}

void UdpSocket::tell_user() {
    if (user_ != nullptr) user_->readable();
}

void UdpSocket::failed(const network::ErrorReport& report) {
    pending_error_ = network::error_of(report.kind);
    if (user_ != nullptr) user_->failed(report);
}

Result<UdpSocket::Received> UdpSocket::receive(MutableBytes to) {
    if (pending_error_) return std::unexpected(std::exchange(pending_error_, {}));
    if (queue_.empty()) return fail(Error::would_block);
    const Waiting waiting = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= waiting.payload.size();
    return Received{waiting.payload.copy_to(to), waiting.payload.size(), waiting.from};
}

}  // namespace strata::transport
