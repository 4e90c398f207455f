// PointToPoint: what all links without addresses have in common: there is one neighbour, so nothing
// is addressed or resolved (RFC 1122 2.3, RFC 4861 3.2), and packets wait before a slow line.
//
//       network floor: a link::User an EtherType
//                  |  ^
//     [bounded queue] | deliver()
//                  v  |
//          SlipLink, LapbLink on a SerialLink; IpLink: what a packet becomes below
#pragma once

#include <optional>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/2_link/point_to_point/counters.hpp"
#include "strata/2_link/service.hpp"
#include "strata/2_link/user_table.hpp"

namespace strata::link {

// Short, since a line is slow: TCP makes no segments while ready_max wait.
struct PointToPointQueueOptions {
    std::size_t packets_max = 64;     // that wait for the line; more are dropped
    std::size_t bytes_max = 1 << 20;  // memory that they hold
    std::size_t ready_max = 4;        // with so many waiting, ready() is false
};

class PointToPoint : public Service {
public:
    PointToPoint(const PointToPoint&) = delete;
    PointToPoint& operator=(const PointToPoint&) = delete;

    // link::Service
    [[nodiscard]] const Features& features() const noexcept final { return features_; }
    [[nodiscard]] bool link_up() const noexcept final { return enabled_ && carrier() && established(); }
    [[nodiscard]] bool enabled() const noexcept final { return enabled_; }
    void set_enabled(bool enabled) final;
    [[nodiscard]] MacAddress mac_address() const noexcept final { return {}; }
    void attach(EtherType type, User* user) final { users_.attach(type, user); }
    void send(Packet packet, const IpAddress& next_hop) final;
    void send_to(Packet packet, EtherType type, MacAddress to) final;
    [[nodiscard]] bool ready() const noexcept final { return queue_.size() < queue_options_.ready_max; }
    void confirm_reachable(const IpAddress&) final {}
    void add_address(const IpAddress&) final {}
    void remove_address(const IpAddress&) final {}
    // Whatever the neighbour sends arrives, so any number of groups is joined at no cost.
    [[nodiscard]] std::error_code join(const IpAddress& group) final;
    void leave(const IpAddress&) final {}
    void attach(IpVersion, Resolver*) final {}
    [[nodiscard]] NeighborCache* neighbors() noexcept final { return nullptr; }

    void visit_counters(const CounterVisitor& visit) const override { counters_.for_each(visit); }

    [[nodiscard]] const PointToPointCounters& interface_counters() const noexcept { return counters_; }

protected:
    struct Waiting {
        Packet packet;
        EtherType type{};
    };

    PointToPoint(Context context, const Features& features, const PointToPointQueueOptions& queue)
        : context_(context), features_(features), queue_options_(queue) {}

    // --- what a link makes of it
    // Whether there is anything that packets could be sent into.
    [[nodiscard]] virtual bool carrier() const noexcept = 0;
    // Whether packets can be exchanged, where there is a carrier.
    [[nodiscard]] virtual bool established() const noexcept = 0;
    [[nodiscard]] virtual bool can_carry(EtherType type) const noexcept = 0;
    // What the link below leaves to us is done before the packet waits.
    virtual void prepare(Packet& packet) { packet.complete_checksum(); }
    // Hands down what waits, as long as there is room.
    virtual void fill() = 0;
    // The link can be used from now on, or can no longer be: carrier() and enabled() together.
    virtual void usable_changed(bool usable) { (void)usable; }

    // --- what it calls
    [[nodiscard]] std::optional<Waiting> next_waiting();
    void deliver(Packet packet, EtherType type);
    // Something arrives: what is sent meanwhile leaves when all that arrived is done with.
    void arrival_begins(std::size_t octets) noexcept {
        counters_.ifInOctets += octets;
        arriving_ = true;
    }
    void arrival_ends();
    [[nodiscard]] bool arriving() const noexcept { return arriving_; }
    void count_out(std::size_t octets) noexcept { counters_.ifOutOctets += octets; }
    // A packet that came was no good; the link has a counter of its own for the reason.
    void count_broken() noexcept { ++counters_.ifInErrors; }
    // Something is to be sent that did not come by send(), or there is room again.
    void transmit();
    void carrier_changed();
    // link_up() may have changed: tells the users if it has. A link's constructor calls it too.
    void update_link();
    [[nodiscard]] const Context& context() const noexcept { return context_; }

private:
    void tell_link(bool up);
    void offer_room();
    void drop_in(const Packet& packet, CounterOf<PointToPointCounters> counter);
    void drop_queue();
    void drop_out(const Packet& packet, CounterOf<PointToPointCounters> counter);

    Context context_;
    Features features_;
    PointToPointQueueOptions queue_options_;
    UserTable users_;
    RingQueue<Waiting> queue_;
    std::size_t queue_bytes_ = 0;
    bool enabled_ = true;
    bool told_up_ = false;  // what the users know
    bool arriving_ = false;
    bool was_unready_ = false;  // the users may wait for writable()
    PointToPointCounters counters_;
};

}  // namespace strata::link
