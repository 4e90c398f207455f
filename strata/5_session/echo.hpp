// Echo: asks hosts for answers (ICMP echo, RFC 792), as ping does. Many requests may wait at once,
// each under a sequence number of its own.
#pragma once

#include <boost/asio/async_result.hpp>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "strata/0_foundation/time.hpp"
#include "strata/3_network/fragmentation/fragmentation.hpp"
#include "strata/3_network/icmp/error_report.hpp"
#include "strata/5_session/address.hpp"
#include "strata/5_session/asio/any_handler.hpp"

namespace strata::session {

struct EchoRequest {
    IpAddress destination;
    std::uint16_t sequence = 0;
    std::size_t payload_size = 56;  // bytes behind the ICMP header
    std::uint8_t ttl = 64;
    network::Fragmentation fragmentation = network::Fragmentation::when_needed;
    Duration timeout = 1s;
    bool record_route = false;  // of IPv4: see EchoReply::route
};

struct EchoReply {
    IpAddress from;  // who answered: the destination, or a router that reports an error
    std::uint16_t sequence = 0;
    std::size_t bytes = 0;  // ICMP message with its header
    std::uint8_t ttl = 0;   // as it arrived
    Duration round_trip{};
    bool intact = true;        // the payload came back as it was sent
    bool repeated = false;     // an answer to the same request came before
    bool non_unicast = false;  // the request was sent to a group or a broadcast address: whoever answers may
    std::string_view said;     // of an ICMP error: what it says, in ping(8)'s words; empty where no host said anything
    network::IcmpTypeCode icmp;  // the same in ICMP's numbers, those of the version of `from`
    // Who carried the request, answered it and carried the answer, as far as they wrote their
    // addresses into it: at most nine (RFC 791 3.1).
    std::vector<IpAddress> route;
    std::size_t mtu = 0;  // if that is that the request was too long: what fits; 0: not said
};

using EchoHandler = AnyHandler<error_code, EchoReply>;
using EchoListener = std::function<void(error_code, const EchoReply&)>;

class EchoImplementation {
public:
    virtual ~EchoImplementation() = default;
    [[nodiscard]] virtual asio::any_io_executor get_executor() const = 0;
    // Errors: timed_out; host_unreachable, network_unreachable and their kin (with `from` the host
    // that says so, and what); access_denied; address_family_not_supported; in_progress: that
    // number waits already; no_buffer_space: too many wait.
    virtual void start_echo(const EchoRequest& request, EchoHandler handler) = 0;
    virtual void cancel() = 0;
    virtual void set_listener(EchoListener listener) = 0;
};

class Echo {
public:
    using executor_type = asio::any_io_executor;
    explicit Echo(std::unique_ptr<EchoImplementation> implementation) : implementation_(std::move(implementation)) {}
    [[nodiscard]] executor_type get_executor() const { return implementation_->get_executor(); }
    // Completes with (error_code, EchoReply): the first answer, or an ICMP error about this very
    // request.
    template <typename Token = asio::default_completion_token_t<executor_type>>
    auto async_echo(const EchoRequest& request, Token&& token = {}) {
        return asio::async_initiate<Token, void(error_code, EchoReply)>(
            [implementation = implementation_.get()](auto handler, const EchoRequest& what) {
                implementation->start_echo(what, EchoHandler{std::move(handler), implementation->get_executor()});
            },
            token, request);
    }
    void cancel() { implementation_->cancel(); }
    // What comes beyond that: answers of other hosts of a group, doubled on the way, or later than
    // their timeout, and errors as late. Called as long as the request is remembered, in order with
    // what async_echo completes with; must not destroy the Echo.
    void on_more_answers(EchoListener listener) { implementation_->set_listener(std::move(listener)); }

private:
    std::unique_ptr<EchoImplementation> implementation_;
};

}  // namespace strata::session
