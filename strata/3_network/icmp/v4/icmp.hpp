// Icmp: how IPv4 says that something was not delivered, and answers
// whether a host is there (RFC 792, RFC 1122 3.2.2).
//
//   arriving: echo and timestamp requests are answered; redirects change the first hop to one
//   destination; echo replies are given to Echo; errors about packets of
//   our own are handed, through Internet, to the transport that sent them; all else is counted.
//   leaving: errors about packets that arrived, rate limited, never
//   about what must not be answered.
//
// Owned by Internet.
#pragma once

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/ip_sizes.hpp"
#include "strata/3_network/family.hpp"
#include "strata/3_network/icmp/echo.hpp"
#include "strata/3_network/icmp/error_rate.hpp"
#include "strata/3_network/icmp/v4/counters.hpp"
#include "strata/3_network/icmp/v4/message.hpp"

namespace strata::network {

struct IcmpOptions {
    ErrorRateOptions rate;
    std::size_t error_size_max = ip_packet_assured;  // of an error with its IP header
    bool answer_echo = true;
    bool answer_timestamp = true;
    bool accept_redirects = true;  // that pass the checks of RFC 1122 3.2.2.2; see docs/decisions/0050
};

class Icmp final : public User, public ControlProtocol {
public:
    // Errors about other protocols' packets are given to `user`. All three outlive it.
    Icmp(Context context, Service& network, FamilyUser& user, Echo& echo, IcmpOptions options = {});
    Icmp(const Icmp&) = delete;
    Icmp& operator=(const Icmp&) = delete;

    [[nodiscard]] const IcmpCounters& counters() const noexcept { return counters_; }

    // network::User
    void deliver(Packet packet, const Arrival& arrival) override;
    void error(const ErrorReport& report) override;

    // ControlProtocol
    void send_error(Packet failed, const Refusal& why) override;
    void not_reported(const Packet& failed) override;
    [[nodiscard]] std::error_code send_echo_request(const EchoRequest& request) override;

private:
    void answer_echo(Packet request, const Arrival& arrival);
    void echo_replied(Packet& reply, const IcmpHeader& header, const Arrival& arrival);
    void answer_timestamp(Packet request, const Arrival& arrival);
    void redirected(Packet& message, const IcmpHeader& header, const Arrival& arrival);
    [[nodiscard]] bool may_redirect(const FailedPacket& sent, Ipv4Address gateway, const Arrival& arrival);
    void error_arrived(Packet& message, const IcmpHeader& header, const Arrival& arrival);
    [[nodiscard]] bool echo_failed(const ErrorReport& report);
    [[nodiscard]] bool may_be_answered(const Packet& failed) const;
    [[nodiscard]] std::error_code send(const IcmpHeader& header, Packet body, const Path& path,
                                       const SendOptions& options);
    void drop(const Packet& packet, CounterOf<IcmpCounters> counter);

    Context context_;
    Service& network_;
    FamilyUser& user_;
    Echo& echo_;
    IcmpOptions options_;
    ErrorRate error_rate_;
    IcmpCounters counters_;
};

}  // namespace strata::network
