// Server: gives the addresses of its plan to clients (RFC 2131 4.3). A message in, at most one out:
// it does no I/O and asks for no deadline. LinkServer gives it a socket.
//
//     DHCPDISCOVER ── an address for this client ── DHCPOFFER
//     DHCPREQUEST ──┬─ of our offer ─────────────── DHCPACK, or DHCPNAK if another has it
//                   ├─ of another server's ──────── nothing
//                   ├─ after a reboot ───────────── DHCPACK, DHCPNAK, or nothing if we don't know it
//                   └─ for longer ───────────────── DHCPACK, or DHCPNAK if another has it
//     DHCPDECLINE, DHCPRELEASE ─────────────────── nothing;   DHCPINFORM ── DHCPACK without a lease
//
// Answers go to the relay that asked (giaddr), to an address that the client has (ciaddr), or to
// everybody: a socket can't send to an address that nobody has yet (RFC 2131 4.1; decision 0070).
#pragma once

#include <functional>

#include "strata/7_application/dhcp/server/counters.hpp"
#include "strata/7_application/dhcp/server/lease_table.hpp"
#include "strata/7_application/dhcp/server/plan.hpp"

namespace strata::application::dhcp {

struct ServerOptions {
    Duration offer_time = 60s;  // see LeaseTableOptions
    Duration decline_time = 10min;
    std::size_t client_identifier_max = 64;  // bytes; a client with a longer one is not answered
    unsigned burst_max = 8;                  // answers for a client at once,
    Duration answer_interval = 1s;           // and then one each
    unsigned strangers_burst_max = 100;      // refusals, and answers to DHCPINFORM, at once, for all
    Duration strangers_interval = 10ms;
    unsigned lines_burst_max = 100;  // told at once, and then one each
    Duration line_interval = 100ms;
};

struct Reply {
    Message message;
    Ipv4Address to;
    std::uint16_t port = client_port;
    std::size_t bytes_max = Message::size_assured;  // what the client takes
};

class Server {
public:
    using Tell = std::function<void(const std::string& line)>;

    // The plan must have no problem(). `tell` hears whom an address is given, and what is wrong, in
    // measure.
    Server(Entropy& entropy, ServerPlan plan, Tell tell, ServerOptions options = {});
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    // Of a message that arrived at the server's port, at `now`, which never goes back.
    [[nodiscard]] std::optional<Reply> answer(const Message& asked, Instant now);
    // Of one that could not be read.
    void malformed() noexcept { ++counters_.dhcpInErrors; }

    [[nodiscard]] const ServerPlan& plan() const noexcept { return plan_; }
    [[nodiscard]] LeaseTable& leases() noexcept { return leases_; }
    [[nodiscard]] const DhcpServerCounters& counters() const noexcept { return counters_; }

private:
    using ClientKey = LeaseTable::ClientKey;
    // Who asks what, and when.
    struct Asked {
        const Message& message;
        ClientKey client;
        Instant now;
    };

    [[nodiscard]] std::optional<Reply> discover(const Asked& asked);
    [[nodiscard]] std::optional<Reply> request(const Asked& asked);
    [[nodiscard]] std::optional<Reply> select(const Asked& asked, Ipv4Address server);
    [[nodiscard]] std::optional<Reply> reboot(const Asked& asked, Ipv4Address previous);
    [[nodiscard]] std::optional<Reply> extend(const Asked& asked);
    [[nodiscard]] std::optional<Reply> inform(const Asked& asked);
    void decline(const Asked& asked);
    void release(const Asked& asked);

    [[nodiscard]] std::optional<Reply> acknowledge(const Asked& asked, Ipv4Address address);
    [[nodiscard]] std::optional<Reply> refuse(const Asked& asked, std::string_view why);
    [[nodiscard]] std::optional<Reply> drop(CounterOf<DhcpServerCounters> counter);
    [[nodiscard]] std::optional<Reply> finish(const Asked& asked, Message message,
                                              CounterOf<DhcpServerCounters> counter);
    [[nodiscard]] std::optional<ClientKey> key_of(const Message& message) const;
    [[nodiscard]] std::optional<Ipv4Address> reserved_for(const Asked& asked) const;
    [[nodiscard]] bool may_ask(const Asked& asked);
    [[nodiscard]] bool grant(const Asked& asked, Ipv4Address address);
    [[nodiscard]] bool gives(Ipv4Address address) const noexcept;
    [[nodiscard]] bool of_our_subnet(const Message& message) const noexcept;
    [[nodiscard]] Message reply_to(const Message& asked, MessageType type) const;
    void add_lease(Message& reply, Ipv4Address address) const;
    void add_parameters(Message& reply, const Message& asked) const;
    void add_boot_file(Message& reply, const Message& asked) const;
    void tell(Instant now, const std::string& line);

    ServerPlan plan_;
    Tell tell_;
    ServerOptions options_;
    std::unordered_map<Ipv4Address, Pace> reserved_;  // as leases_ has of the others
    LeaseTable leases_;
    Pace strangers_, lines_;
    DhcpServerCounters counters_;
};

}  // namespace strata::application::dhcp
