// Echo: asks other hosts whether they are there (RFC 792, RFC 4443
// 4.1, 4.2), for as many clients as its bound allows.
//
// It keeps which client asks under which identifier, and sends by the
// ICMP of the destination's IP version, which tells it of replies and
// of errors. Owned by Internet; floor 7's ping uses EchoClient.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/3_network/family.hpp"

namespace strata::network {

struct EchoReply {
    IpAddress from;
    std::uint16_t sequence = 0;
    std::uint8_t ttl = 0;
    const Packet* payload = nullptr;  // only valid during the call
    std::vector<IpAddress> route;     // whom the request and the reply came by, if that was to be recorded
};

struct EchoSendOptions {
    std::uint8_t ttl = 64;
    Fragmentation fragmentation = Fragmentation::when_needed;
    bool record_route = false;  // of IPv4 (RFC 791 3.1)
};

class EchoUser {
public:
    virtual ~EchoUser() = default;
    virtual void echo_replied(const EchoReply& reply) = 0;
    // Somebody says that the request of this number cannot arrive. False: none that was sent to
    // that destination is remembered, so whoever says it need not have seen one.
    [[nodiscard]] virtual bool echo_failed(std::uint16_t sequence, const ErrorReport& report) = 0;
};

class Echo;

// Sends echo requests under an identifier of its own. Closing is
// destroying; the Echo it came from must outlive it.
class EchoClient {
public:
    EchoClient(const EchoClient&) = delete;
    EchoClient& operator=(const EchoClient&) = delete;
    ~EchoClient();
    [[nodiscard]] std::uint16_t identifier() const noexcept { return identifier_; }
    // Errors: no_route, network_down, message_too_long, would_block.
    [[nodiscard]] std::error_code send(const IpAddress& destination, std::uint16_t sequence, Bytes payload,
                                       const EchoSendOptions& options = {});
    // Whether the host has this version of IP, and ICMP for it.
    [[nodiscard]] bool speaks(IpVersion version) const noexcept;
    // A group, everybody, or everybody of a subnet of ours: more than one host may answer.
    [[nodiscard]] bool is_non_unicast(const IpAddress& destination) const;

private:
    friend class Echo;
    EchoClient(Echo& echo, EchoUser& user, std::uint16_t identifier)
        : echo_(echo), user_(user), identifier_(identifier) {}
    Echo& echo_;
    EchoUser& user_;
    std::uint16_t identifier_;
};

class Echo {
public:
    Echo(Context context, Service& network, std::size_t clients_max)
        : context_(context), network_(network), clients_max_(clients_max) {}
    Echo(const Echo&) = delete;
    Echo& operator=(const Echo&) = delete;

    // Error::limit_reached when too many are open. The user outlives the client.
    [[nodiscard]] Result<std::unique_ptr<EchoClient>> open(EchoUser& user);

    // --- for ICMP
    // Null: no echoes of this version.
    void attach(IpVersion version, ControlProtocol* control) noexcept { controls_[version] = control; }
    // False: nobody here asked under this identifier.
    [[nodiscard]] bool replied(std::uint16_t identifier, const EchoReply& reply);
    // The same of an error, and if the client does not remember the request.
    [[nodiscard]] bool failed(std::uint16_t identifier, std::uint16_t sequence, const ErrorReport& report);

private:
    friend class EchoClient;
    static constexpr std::size_t identifiers_half = 32768;  // so that a free one is soon found

    Context context_;
    Service& network_;
    std::size_t clients_max_;
    PerIpVersion<ControlProtocol*> controls_;
    std::unordered_map<std::uint16_t, EchoClient*> clients_;
};

}  // namespace strata::network
