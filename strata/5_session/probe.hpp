// Prober: sends packets that need not arrive and says who answered what, as traceroute asks: UDP
// datagrams and TCP SYNs of which each may cross only so many routers. (Of ICMP echoes: Echo.)
//
// Each probe has a socket of its own, with a port that nobody is told. So an error is believed only
// if it quotes the two addresses and ports of a probe that waits, and for TCP its sequence number
// as well (RFC 5927 4.1); what comes later, or again, finds nobody.
#pragma once

#include <boost/asio/async_result.hpp>
#include <memory>

#include "strata/0_foundation/time.hpp"
#include "strata/3_network/fragmentation/fragmentation.hpp"
#include "strata/3_network/icmp/error_report.hpp"
#include "strata/5_session/asio/any_handler.hpp"

namespace strata::session {

enum class ProbeKind : std::uint8_t { udp, tcp };

struct ProbeRequest {
    Endpoint destination;  // a host's address and a port other than 0
    ProbeKind kind = ProbeKind::udp;
    std::size_t payload_size = 32;  // of UDP: bytes behind its header; a SYN has none
    std::uint8_t ttl = 64;          // TTL or hop limit, at least 1
    network::Fragmentation fragmentation = network::Fragmentation::allowed;  // of UDP
    Duration timeout = 5s;
};

enum class ProbeAnswer : std::uint8_t {
    error,     // an ICMP message: ProbeReply::icmp
    datagram,  // of UDP: the destination answered in kind
    accepted,  // of TCP: SYN-ACK. The conversation has been reset
    refused,   // of TCP: a reset
};

struct ProbeReply {
    ProbeAnswer answer{};
    IpAddress from;              // the destination, or the host that reports an error
    network::IcmpTypeCode icmp;  // of an error, in the numbers of the destination's version of IP
    // What fits, with its IP header, in bytes, if it is that the probe was too long: as a router
    // says it, or the plateau below where one does not (RFC 1191 7). 0: that is not it.
    std::size_t mtu = 0;
    Duration round_trip{};
};

using ProbeHandler = AnyHandler<error_code, ProbeReply>;

class ProbeImplementation {
public:
    virtual ~ProbeImplementation() = default;
    [[nodiscard]] virtual asio::any_io_executor get_executor() const = 0;
    virtual void start_probe(const ProbeRequest& request, ProbeHandler handler) = 0;
    virtual void cancel() = 0;
};

class Prober {
public:
    using executor_type = asio::any_io_executor;
    Prober() = default;
    explicit Prober(std::unique_ptr<ProbeImplementation> implementation) : implementation_(std::move(implementation)) {}
    [[nodiscard]] executor_type get_executor() const { return implementation_->get_executor(); }
    // Completes with (error_code, ProbeReply): without an error if anybody answered, be it to say
    // that the probe won't arrive. Errors: timed_out; message_size (longer than the first link
    // takes, which `mtu` then says); no_buffer_space: too many wait; others that a socket has for
    // what cannot be sent.
    template <typename Token = asio::default_completion_token_t<executor_type>>
    auto async_probe(const ProbeRequest& request, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, ProbeReply)>(
            [implementation = implementation_.get()](auto handler, const ProbeRequest& what) {
                implementation->start_probe(what, ProbeHandler{std::move(handler), implementation->get_executor()});
            },
            token, request);
    }
    void cancel() { implementation_->cancel(); }

private:
    std::unique_ptr<ProbeImplementation> implementation_;
};

}  // namespace strata::session
