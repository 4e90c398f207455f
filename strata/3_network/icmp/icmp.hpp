// Icmp: how the network floor says that something went wrong, and answers whether it is there (RFC 792, RFC 1122 3.2.2).
//
//   arriving: echo requests are answered; echo replies go to the EchoClient that asked; errors about packets of our own are handed,
//   through Ipv4, to the transport that sent them; all else is counted.
//   leaving: errors about packets that arrived, rate limited, never about what must not be answered.
//
// Owned by Ipv4; floor 7's ping uses EchoClient.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "strata/0_foundation/context.hpp"
#include "strata/3_network/icmp/counters.hpp"
#include "strata/3_network/icmp/error_rate.hpp"
#include "strata/3_network/icmp/message.hpp"
#include "strata/3_network/service.hpp"

namespace strata::network {

struct IcmpOptions {
    ErrorRateOptions rate;
    std::size_t error_size_max = 576;  // of an error with its IP header (RFC 1812 4.3.2.3)
    std::size_t echo_clients_max = 256;
    bool answer_echo = true;
};

struct EchoReply {
    IpAddress from;
    std::uint16_t sequence = 0;
    std::uint8_t ttl = 0;
    const Packet* payload = nullptr;  // only valid during the call
};

class EchoUser {
public:
    virtual ~EchoUser() = default;
    virtual void echo_replied(const EchoReply& reply) = 0;
    // Somebody said that the request of this number cannot arrive.
    virtual void echo_failed(std::uint16_t sequence, const ErrorReport& report) = 0;
};

class Icmp;

// Sends echo requests under an identifier of its own. Closing is destroying; the Icmp it came from must outlive it.
class EchoClient {
public:
    EchoClient(const EchoClient&) = delete;
    EchoClient& operator=(const EchoClient&) = delete;
    ~EchoClient();
    [[nodiscard]] std::uint16_t identifier() const noexcept { return identifier_; }
    // Errors: no_route, network_down, message_too_long, would_block.
    std::error_code send(IpAddress destination, std::uint16_t sequence, Bytes payload, std::uint8_t ttl = 64);
    // A group, everybody, or everybody of a subnet of ours: more than one host may answer.
    [[nodiscard]] bool reaches_many(const IpAddress& destination) const;

private:
    friend class Icmp;
    EchoClient(Icmp& icmp, EchoUser& user, std::uint16_t identifier)
        : icmp_(icmp), user_(user), identifier_(identifier) {}
    Icmp& icmp_;
    EchoUser& user_;
    std::uint16_t identifier_;
};

class Icmp final : public User {
public:
    using ErrorSink = std::move_only_function<bool(const ErrorReport&)>;
    // `to_transport` gets the errors about other protocols' packets; false: there is no such protocol.
    Icmp(Context context, Service& network, ErrorSink to_transport, IcmpOptions options = {});

    // Error::limit_reached when too many are open. The user outlives the client.
    [[nodiscard]] Result<std::unique_ptr<EchoClient>> open_echo(EchoUser& user);

    // Sends an error about `failed`, which begins with its IP header. `to_many`: it came by broadcast or multicast.
    void send_error(IcmpType type, std::uint8_t code, std::size_t mtu, Packet failed, bool to_many);

    // An error that may not be sent, or can't be: counts and traces it.
    void not_reported(const Packet& failed);

    [[nodiscard]] const IcmpCounters& counters() const noexcept { return counters_; }

    // network::User
    void deliver(Packet packet, const Arrival& arrival) override;
    void burst_ended() override {}
    void error(const ErrorReport& report) override;
    void writable() override {}

private:
    friend class EchoClient;
    void answer_echo(Packet request, const Arrival& arrival);
    void echo_replied(Packet& reply, const IcmpHeader& header, const Arrival& arrival);
    void error_arrived(Packet& message, const IcmpHeader& header, const Arrival& arrival);
    [[nodiscard]] bool echo_failed(const ErrorReport& report);
    [[nodiscard]] bool may_be_answered(const Packet& failed) const;
    std::error_code send(const IcmpHeader& header, Packet body, const Path& path, const SendOptions& options);
    void drop(const Packet& packet, std::uint64_t& counter, std::string_view reason);

    Context context_;
    Service& network_;
    ErrorSink to_transport_;
    IcmpOptions options_;
    ErrorRate error_rate_;
    std::unordered_map<std::uint16_t, EchoClient*> clients_;
    IcmpCounters counters_;
};

}  // namespace strata::network
