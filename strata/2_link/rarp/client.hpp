// RarpClient: asks the link which IP address is ours (RFC 903), as a machine does that knows only
// its hardware address. A user of the link for EtherType::rarp while it asks.
//
//   ask ── request ── 1 s ── request ── 2 s ── request ── 4 s ── ... ── timed_out
//                       |
//                       an answer to us: what it says
#pragma once

#include <functional>

#include "strata/0_foundation/context.hpp"
#include "strata/2_link/arp/packet.hpp"
#include "strata/2_link/rarp/counters.hpp"
#include "strata/2_link/service.hpp"

namespace strata::link {

struct RarpClientOptions {
    unsigned requests_max = 6;  // more are not asked
    Duration first_wait = 1s;   // for the first answer; doubled for each, and up to a quarter more or less
    Duration wait_max = 16s;
};

struct RarpAnswer {
    Ipv4Address address;  // ours
    Ipv4Address server;
    MacAddress server_mac;
};

class RarpClient final : public User {
public:
    using Handler = std::move_only_function<void(Result<RarpAnswer> answer)>;

    // The link outlives it.
    RarpClient(Context context, Service& link, RarpClientOptions options = {});
    RarpClient(const RarpClient&) = delete;
    RarpClient& operator=(const RarpClient&) = delete;
    ~RarpClient() override;

    // Calls `handler` once, later, and may be destroyed by it; asked again, the first is forgotten.
    // Error: timed_out.
    void ask(Handler handler);
    [[nodiscard]] bool asking() const noexcept { return handler_ != nullptr; }
    [[nodiscard]] const RarpClientCounters& counters() const noexcept { return counters_; }

    // link::User
    void deliver(Packet packet, const Arrival& arrival) override;

private:
    void request();
    void due();
    void finish(Result<RarpAnswer> answer);
    void drop(const Packet& packet, CounterOf<RarpClientCounters> counter);

    Context context_;
    Service& link_;
    RarpClientOptions options_;
    Handler handler_;
    unsigned requests_ = 0;
    Duration wait_{};
    Timer timer_;
    RarpClientCounters counters_;
};

}  // namespace strata::link
