#include "strata/3_network/icmp/v4/icmp.hpp"

#include <algorithm>
#include <cstring>

#include "strata/3_network/ipv4/failed_packet.hpp"
#include "strata/3_network/ipv4/header_options.hpp"

namespace strata::network {
namespace {

// Of the packet in an error: the longest IP header, and what a transport looks at.
constexpr std::size_t seen_max = 128;

}  // namespace

Icmp::Icmp(Context context, Service& network, FamilyUser& user, Echo& echo, IcmpOptions options)
    : context_(context),
      network_(network),
      user_(user),
      echo_(echo),
      options_(options),
      error_rate_(options.rate, context.entropy) {}

// --- arriving

void Icmp::deliver(Packet packet, const Arrival& arrival) {
    ++counters_.icmpInMsgs;
    if (!packet.pull(IcmpHeader::size)) return drop(packet, &IcmpCounters::icmpInErrors);
    if (packet.checksum_state() == ChecksumState::unknown) {
        ChecksumSum sum;
        packet.for_each_piece([&](Bytes piece) { sum.add(piece); });
        if (!sum.verified()) return drop(packet, &IcmpCounters::icmpInErrors);
    }
    const auto header = IcmpHeader::parse(packet.front());
    if (!header) return drop(packet, &IcmpCounters::icmpInErrors);
    switch (header->type) {
        case IcmpType::echo_request: return answer_echo(std::move(packet), arrival);
        case IcmpType::echo_reply: return echo_replied(packet, *header, arrival);
        case IcmpType::timestamp: return answer_timestamp(std::move(packet), arrival);
        case IcmpType::redirect: return redirected(packet, *header, arrival);
        case IcmpType::source_quench: return drop(packet, &IcmpCounters::icmpInSrcQuenchs);
        case IcmpType::destination_unreachable: ++counters_.icmpInDestUnreachs; break;
        case IcmpType::time_exceeded: ++counters_.icmpInTimeExcds; break;
        case IcmpType::parameter_problem: ++counters_.icmpInParmProbs; break;
        default: return drop(packet, &IcmpCounters::icmpInUnknown);
    }
    error_arrived(packet, *header, arrival);
}

namespace {

// The options of the request's header that its reply gives back, with us in them (RFC 1122
// 3.2.2.6). Empty for most.
OptionBytes options_for_reply(Packet& request, Ipv4Address own, Instant now) {
    const std::size_t size = request.size();
    if (!request.restore_network_header()) return {};
    const auto header = Ipv4HeaderView::parse(request.front());
    const auto options = header ? HeaderOptions::parse(header->options()) : fail(Error::malformed);
    OptionBytes echoed = options ? echoed_options(*options, own, now) : OptionBytes{};
    request.trim(request.size() - size);
    return echoed;
}

}  // namespace

// RFC 1122 3.2.2.6. The payload is sent back by reference. Requests by
// broadcast or multicast are not answered: the answers would add up.
void Icmp::answer_echo(Packet request, const Arrival& arrival) {
    ++counters_.icmpInEchos;
    if (!options_.answer_echo || arrival.is_non_unicast()) {
        return drop(request, &IcmpCounters::icmpInEchosIgnored);
    }
    const auto header = IcmpHeader::parse(request.front());
    const auto path = network_.path_to(arrival.source, arrival.destination);
    if (!header || !path) return drop(request, &IcmpCounters::icmpOutErrors);
    const OptionBytes echoed = options_for_reply(request, arrival.destination.v4(), context_.scheduler.now());
    request.trim(IcmpHeader::size);
    Packet reply = Packet::make(context_.pool, path->headroom + echoed.size + IcmpHeader::size);
    request.take_slices([&](Slice slice) { reply.append(std::move(slice)); });
    const SendOptions options{.protocol = Protocol::icmp,
                              .traffic_class = arrival.traffic_class,
                              .fragmentation = Fragmentation::allowed,
                              .header_options = echoed.bytes()};
    if (!send({IcmpType::echo_reply, 0, header->high, header->low}, std::move(reply), *path, options)) {
        ++counters_.icmpOutEchoReps;
    }
}

// RFC 792, RFC 1122 3.2.2.8. When it arrived and when the answer left are one instant, told with
// the bit that says that it does not count from midnight.
void Icmp::answer_timestamp(Packet request, const Arrival& arrival) {
    ++counters_.icmpInTimestamps;
    constexpr std::size_t size = 12;
    const bool whole = request.pull(IcmpHeader::size + size);
    const auto header = IcmpHeader::parse(request.front());
    const auto path = network_.path_to(arrival.source, arrival.destination);
    if (!whole || !header) return drop(request, &IcmpCounters::icmpInErrors);
    if (!options_.answer_timestamp || arrival.is_non_unicast()) {
        return drop(request, &IcmpCounters::icmpInTimestampsIgnored);
    }
    if (!path) return drop(request, &IcmpCounters::icmpOutErrors);
    Packet reply = Packet::make(context_.pool, path->headroom + IcmpHeader::size, size);
    std::byte* at = reply.extend(size);
    std::memcpy(at, request.front().data() + IcmpHeader::size, 4);
    const std::uint32_t now = timestamp_of(context_.scheduler.now());
    store_be32(at + 4, now);
    store_be32(at + 8, now);
    const SendOptions options{.protocol = Protocol::icmp, .fragmentation = Fragmentation::allowed};
    if (!send({IcmpType::timestamp_reply, 0, header->high, header->low}, std::move(reply), *path, options)) {
        ++counters_.icmpOutTimestampReps;
    }
}

void Icmp::redirected(Packet& message, const IcmpHeader& header, const Arrival& arrival) {
    ++counters_.icmpInRedirects;
    message.trim(IcmpHeader::size);
    (void)message.pull(std::min(message.size(), seen_max));
    const auto sent = failed_ipv4_packet(message.front());
    const Ipv4Address gateway{std::uint32_t{header.high} << 16 | header.low};
    if (!options_.accept_redirects || !sent || !may_redirect(*sent, gateway, arrival)) {
        return drop(message, &IcmpCounters::icmpInRedirectsRefused);
    }
    context_.traced(Floor::network, Direction::up, Verdict::passed, &IcmpCounters::icmpInRedirects, message);
    user_.redirected(sent->destination, arrival.source, gateway);
}

// RFC 1122 3.2.2.2: about a packet of ours, from the gateway that it went to, to a neighbour on the
// same link.
bool Icmp::may_redirect(const FailedPacket& sent, Ipv4Address gateway, const Arrival& arrival) {
    if (arrival.is_non_unicast() || !network_.is_own_address(sent.source) || network_.is_own_address(gateway)) {
        return false;
    }
    const auto path = network_.path_to(sent.destination, sent.source);
    if (!path || path->next_hop != arrival.source || path->interface != arrival.interface) return false;
    const auto to_gateway = network_.path_to(gateway);
    return to_gateway && to_gateway->interface == arrival.interface && to_gateway->next_hop == gateway &&
           !gateway.is_multicast();
}

namespace {

// What the record route in the header says; empty for most.
std::vector<IpAddress> route_of(Packet& reply) {
    const std::size_t size = reply.size();
    if (!reply.restore_network_header()) return {};
    const auto header = Ipv4HeaderView::parse(reply.front());
    const auto options = header ? HeaderOptions::parse(header->options()) : fail(Error::malformed);
    auto route =
        options && options->record_route ? recorded_addresses(*options->record_route) : std::vector<IpAddress>{};
    reply.trim(reply.size() - size);
    return route;
}

}  // namespace

void Icmp::echo_replied(Packet& reply, const IcmpHeader& header, const Arrival& arrival) {
    ++counters_.icmpInEchoReps;
    EchoReply echo{.from = arrival.source, .sequence = header.low, .ttl = arrival.ttl, .payload = &reply};
    echo.route = route_of(reply);
    reply.trim(IcmpHeader::size);
    if (!echo_.replied(header.high, echo)) return drop(reply, &IcmpCounters::icmpInUnasked);
    context_.traced(Floor::network, Direction::up, Verdict::passed, &IcmpCounters::icmpInEchoReps, reply);
}

// An error is believed if the packet in it is one that we could have
// sent; the transport looks closer (RFC 5927).
void Icmp::error_arrived(Packet& message, const IcmpHeader& header, const Arrival& arrival) {
    const auto kind = error_kind(header.type, header.code);
    message.trim(IcmpHeader::size);
    (void)message.pull(std::min(message.size(), seen_max));
    const auto failed = failed_ipv4_packet(message.front());
    if (!kind || !failed || !network_.is_own_address(failed->source) || arrival.is_non_unicast()) {
        return drop(message, &IcmpCounters::icmpInUnasked);
    }
    const bool too_long = *kind == ErrorReport::Kind::fragmentation_needed;
    const std::size_t mtu = header.low != 0 ? std::size_t{header.low} : plateau_below(failed->size);
    if (too_long && mtu >= failed->size) return drop(message, &IcmpCounters::icmpInFalseMtus);
    const ErrorReport report{.kind = *kind,
                             .protocol = failed->protocol,
                             .source = failed->source,
                             .destination = failed->destination,
                             .reporter = arrival.source,
                             .mtu = too_long ? mtu : std::size_t{0},
                             .said = {static_cast<std::uint8_t>(header.type), header.code},
                             .transport_header = failed->transport_header};
    const bool known = report.protocol == Protocol::icmp ? echo_failed(report) : user_.report(report);
    if (!known) return drop(message, &IcmpCounters::icmpInUnasked);
    context_.traced(Floor::network, Direction::up, Verdict::passed, &IcmpCounters::icmpInMsgs, message);
}

// A packet of ours that did not leave: counted where it was dropped.
void Icmp::error(const ErrorReport& report) { (void)echo_failed(report); }

// About an ICMP message of our own: only an echo request can be one. False if nobody here sent it.
bool Icmp::echo_failed(const ErrorReport& report) {
    const auto header = IcmpHeader::parse(report.transport_header);
    if (!header || header->type != IcmpType::echo_request || !echo_.failed(header->high, header->low, report)) {
        return false;
    }
    if (report.mtu != 0) network_.path_mtu_reported(report.destination, report.mtu);
    return true;
}

// --- leaving

void Icmp::send_error(Packet failed, const Refusal& why) {
    const auto header = failed.pull(std::min<std::size_t>(failed.size(), 68)) ? Ipv4HeaderView::parse(failed.front())
                                                                              : fail(Error::truncated);
    if (!header || why.non_unicast || !may_be_answered(failed)) return not_reported(failed);
    if (!error_rate_.allow(header->source(), context_.scheduler.now())) {
        return drop(failed, &IcmpCounters::icmpOutRateLimited);
    }
    const auto path = network_.path_to(header->source(), header->destination());
    if (!path) return drop(failed, &IcmpCounters::icmpOutErrors);
    const std::size_t room = options_.error_size_max - Ipv4HeaderView::size_min - IcmpHeader::size;
    const std::size_t count = std::min(failed.size(), room);
    Packet message = Packet::make(context_.pool, path->headroom + IcmpHeader::size, count);
    failed.copy_to(MutableBytes{message.extend(count), count});
    const IcmpHeader answer = error_header(why.kind, why.pointer);
    if (send(answer, std::move(message), *path, {.protocol = Protocol::icmp, .fragmentation = Fragmentation::allowed}))
        return;
    ++(answer.type == IcmpType::time_exceeded       ? counters_.icmpOutTimeExcds
       : answer.type == IcmpType::parameter_problem ? counters_.icmpOutParmProbs
                                                    : counters_.icmpOutDestUnreachs);
}

// The packet itself was counted where it was dropped.
void Icmp::not_reported(const Packet& failed) { drop(failed, &IcmpCounters::icmpOutNotReported); }

// RFC 1122 3.2.2: no error about an error, about a broadcast or a multicast, about a later
// fragment, or to a source that is not one host.
bool Icmp::may_be_answered(const Packet& failed) const {
    const auto header = Ipv4HeaderView::parse(failed.front());
    if (!header || header->fragment_offset() != 0) return false;
    const Ipv4Address source = header->source();
    const Ipv4Address destination = header->destination();
    if (source.is_any() || source.is_multicast() || source.value() >> 28 == 15) return false;
    if (destination.is_multicast() || destination.is_broadcast()) return false;
    if (header->protocol() != Protocol::icmp) return true;
    const auto icmp = IcmpHeader::parse(failed.front().subspan(header->size()));
    return icmp && !is_icmp_error(icmp->type);
}

std::error_code Icmp::send(const IcmpHeader& header, Packet body, const Path& path, const SendOptions& options) {
    std::byte* at = body.push(IcmpHeader::size);
    header.write(at);
    ChecksumSum sum;
    body.for_each_piece([&](Bytes piece) { sum.add(piece); });
    store_be16(at + 2, sum.checksum());
    ++counters_.icmpOutMsgs;
    const std::error_code error = network_.send(std::move(body), path, options);
    if (error) ++counters_.icmpOutErrors;
    return error;
}

std::error_code Icmp::send_echo_request(const EchoRequest& request) {
    const auto path = network_.path_to(request.destination);
    if (!path) return path.error();
    if (!network_.ready(*path)) return Error::would_block;
    const std::size_t size = request.payload.size();
    const OptionBytes route = request.record_route ? record_route_from(path->source.v4()) : OptionBytes{};
    Packet packet = Packet::make(context_.pool, path->headroom + route.size + IcmpHeader::size, size);
    if (size > 0) std::memcpy(packet.extend(size), request.payload.data(), size);
    const IcmpHeader header{
        .type = IcmpType::echo_request, .code = 0, .high = request.identifier, .low = request.sequence};
    const SendOptions options{.protocol = Protocol::icmp,
                              .ttl = request.ttl,
                              .fragmentation = request.fragmentation,
                              .header_options = route.bytes()};
    const auto error = send(header, std::move(packet), *path, options);
    if (!error) ++counters_.icmpOutEchos;
    return error;
}

void Icmp::drop(const Packet& packet, CounterOf<IcmpCounters> counter) {
    ++(counters_.*counter);
    context_.traced(Floor::network, Direction::up, Verdict::dropped, counter, packet);
}

}  // namespace strata::network
