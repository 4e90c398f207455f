// Client: has one interface's address from a DHCP server, and keeps it (RFC 2131 4.4, figure 5).
//
//     INIT ── DHCPDISCOVER ── SELECTING ── an offer, DHCPREQUEST ── REQUESTING ── DHCPACK ── BOUND
//     INIT-REBOOT ── DHCPREQUEST ── REBOOTING ────────────────────────── DHCPACK ─────────── BOUND
//     BOUND ── T1 ── RENEWING, asks its server ── T2 ── REBINDING, asks everybody ── the end ── INIT
//     DHCPNAK: INIT.  An address that another host has: DHCPDECLINE, ten seconds, INIT.
//
// Messages in, messages out, and one deadline asked for: it does no I/O. InterfaceClient gives it a
// wire and an interface.
#pragma once

#include <optional>

#include "strata/0_foundation/scheduler.hpp"
#include "strata/7_application/dhcp/client/counters.hpp"
#include "strata/7_application/dhcp/client/lease.hpp"
#include "strata/7_application/dhcp/client/requests.hpp"

namespace strata::application::dhcp {

struct ClientOptions {
    Identity identity;
    std::optional<Ipv4Address> previous;  // INIT-REBOOT: asked for again before others are
    LeaseLimits limits;
    unsigned requests_max = 4;       // of one offer; then another is looked for
    Duration decline_wait = 10s;     // RFC 2131 3.1.5
    Duration extend_wait_min = 60s;  // between requests in RENEWING and REBINDING (4.4.5)
};

enum class Loss : std::uint8_t { expired, refused, declined, released };

class ClientUser {
public:
    virtual ~ClientUser() = default;
    // To the server's port at `to`: 255.255.255.255, or a server's address. What it says of other
    // addresses may come to nothing: it is said again.
    virtual void send(const Message& message, Ipv4Address to) = 0;
    // This may be used now. It may call decline().
    virtual void lease_acquired(const Lease& lease) = 0;
    // The same address for longer; the rest may be another.
    virtual void lease_extended(const Lease& lease) = 0;
    // No longer. Of `declined` and `released` whoever called it is told too.
    virtual void lease_lost(const Lease& lease, Loss why) = 0;
};

class Client {
public:
    enum class State : std::uint8_t {
        stopped,
        init,
        selecting,
        requesting,
        rebooting,
        bound,
        renewing,
        rebinding,
    };

    // All three outlive it.
    Client(Scheduler& scheduler, Entropy& entropy, ClientUser& user, ClientOptions options);
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void start();
    // A message that arrived at the client's port.
    void deliver(const Message& message);
    // Another host has the lease's address (RFC 2131 3.1.5); without a lease nothing happens.
    void decline();
    // Gives the lease back, if there is one, and stops (RFC 2131 4.4.6).
    void release();
    // Says nothing to anybody.
    void stop();

    [[nodiscard]] State state() const noexcept { return state_; }
    // Null unless it is BOUND, RENEWING or REBINDING.
    [[nodiscard]] const Lease* lease() const noexcept { return lease_ ? &*lease_ : nullptr; }
    [[nodiscard]] const DhcpClientCounters& counters() const noexcept { return counters_; }

private:
    void due();
    void enter(State state);
    void begin_again(Duration after);
    void discover();
    void request();
    void offered(const Message& message);
    void acknowledged(const Message& message);
    void refused(const Message& message);
    void extend();
    void rebind_or_end();
    [[nodiscard]] Instant renewal_deadline();
    void lose(Loss why);
    void send(const Message& message, Ipv4Address to, CounterOf<DhcpClientCounters> counter);
    void wait(Duration duration) { scheduler_.arm_after(timer_, duration); }
    [[nodiscard]] bool awaits_answer() const noexcept;
    [[nodiscard]] bool from_our_server(const Message& message) const noexcept;
    [[nodiscard]] std::uint16_t secs() const noexcept;
    [[nodiscard]] std::uint32_t new_xid() { return static_cast<std::uint32_t>(entropy_.next()); }

    Scheduler& scheduler_;
    Entropy& entropy_;
    ClientUser& user_;
    ClientOptions options_;
    Requests requests_;
    State state_ = State::stopped;
    std::uint32_t xid_ = 0;
    Instant began_{};     // looking for an address, or for longer
    Instant asked_at_{};  // when the last request of this exchange was sent: its answer's lease begins there
    BackOff back_off_;
    BackOff refusals_;  // waits after one DHCPNAK upon the other
    bool refused_before_ = false;
    unsigned asked_ = 0;            // times, for the address below
    std::uint16_t asked_secs_ = 0;  // as the DHCPDISCOVER said (RFC 2131 4.4.1)
    Ipv4Address wanted_, server_;   // REQUESTING, REBOOTING
    std::optional<Lease> lease_;
    Timer timer_;
    DhcpClientCounters counters_;
};

}  // namespace strata::application::dhcp
