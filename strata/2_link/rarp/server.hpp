// RarpServer: tells machines that know only their hardware address which IP address is theirs (RFC
// 903). A user of the link for EtherType::rarp.
//
// It answers for the machines of its table and for nobody else, each at its own pace: so what it
// sends is bounded by the table, whoever asks how often. Who asks for another machine does not keep
// that one from being answered.
#pragma once

#include <unordered_map>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/rate_limit.hpp"
#include "strata/2_link/arp/packet.hpp"
#include "strata/2_link/rarp/counters.hpp"
#include "strata/2_link/rarp/table.hpp"
#include "strata/2_link/service.hpp"

namespace strata::link {

struct RarpServerOptions {
    unsigned burst_max = 4;         // answers for a machine at once
    Duration answer_interval = 1s;  // and then one each
};

class RarpServer final : public User {
public:
    // Attaches itself to the link, which outlives it. `own`: what answers say of their sender.
    RarpServer(Context context, Service& link, Ipv4Address own, RarpServerOptions options = {});
    RarpServer(const RarpServer&) = delete;
    RarpServer& operator=(const RarpServer&) = delete;
    ~RarpServer() override;

    // Instead of the table before. It begins with none, and answers nobody.
    void set_table(const RarpTable& table);
    [[nodiscard]] std::size_t size() const noexcept { return machines_.size(); }
    [[nodiscard]] const RarpServerCounters& counters() const noexcept { return counters_; }

    // link::User
    void deliver(Packet packet, const Arrival& arrival) override;

private:
    struct Machine {
        Ipv4Address address;
        Pace itself;  // asking for its own address
        Pace others;  // asking for it: they may not use up what it needs
    };

    void answer(const ArpPacket& request, const Machine& machine);
    void drop(const Packet& packet, CounterOf<RarpServerCounters> counter);

    Context context_;
    Service& link_;
    Ipv4Address own_;
    RarpServerOptions options_;
    std::unordered_map<MacAddress, Machine> machines_;
    RarpServerCounters counters_;
};

}  // namespace strata::link
