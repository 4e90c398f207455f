// PointToPoint: what all links on a serial line have in common: there is one neighbour, so nothing
// is addressed or resolved (RFC 1122 2.3, RFC 4861 3.2), and packets wait before a slow line.
//
//       network floor: a link::User an EtherType
//                  |  ^
//     [bounded queue] | deliver()
//                  v  |
//          SlipLink, LapbLink: what a packet becomes on the line
//                  |  ^
//    [one frame's octets] | octets_arrived()
//                  v  |
//            physical::SerialLine
//
// A frame is made when the line has room, never before: what is acknowledged, or asked for, is
// then as fresh as it can be.
#pragma once

#include <optional>
#include <vector>

#include "strata/0_foundation/context.hpp"
#include "strata/0_foundation/ring_queue.hpp"
#include "strata/1_physical/serial/serial_line.hpp"
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

class PointToPoint : public Service, private physical::SerialLineUser {
public:
    PointToPoint(const PointToPoint&) = delete;
    PointToPoint& operator=(const PointToPoint&) = delete;
    ~PointToPoint() override;

    // link::Service
    [[nodiscard]] const Features& features() const noexcept final { return features_; }
    [[nodiscard]] bool link_up() const noexcept final { return enabled_ && line_.carrier() && established(); }
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

    [[nodiscard]] const PointToPointCounters& interface_counters() const noexcept { return counters_; }

protected:
    struct Waiting {
        Packet packet;
        EtherType type{};
    };

    // Attaches itself to the line, which outlives it.
    PointToPoint(Context context, physical::SerialLine& line, const Features& features,
                 const PointToPointQueueOptions& queue);

    // --- what a link makes of it
    // Whether packets can be exchanged, on a line that has a carrier.
    [[nodiscard]] virtual bool established() const noexcept = 0;
    [[nodiscard]] virtual bool can_carry(EtherType type) const noexcept = 0;
    // Appends the octets of the next frame; false: there is none to be sent now.
    [[nodiscard]] virtual bool append_frame(std::vector<std::byte>& to) = 0;
    virtual void octets_received(Bytes octets) = 0;
    // The line can be used from now on, or can no longer be: carrier and enabled() together.
    virtual void line_changed(bool usable) = 0;

    // --- what it calls
    [[nodiscard]] std::optional<Waiting> next_waiting();
    void deliver(Packet packet, EtherType type);
    // A packet that came was no good; the link has a counter of its own for the reason.
    void count_broken() noexcept { ++counters_.ifInErrors; }
    // Something is to be sent that did not come by send().
    void transmit();
    // link_up() may have changed: tells the users if it has. A link's constructor calls it too.
    void update_link();
    [[nodiscard]] const Context& context() const noexcept { return context_; }
    [[nodiscard]] const physical::SerialLine& line() const noexcept { return line_; }

private:
    // physical::SerialLineUser
    void octets_arrived(Bytes octets) override;
    void line_writable() override;
    void carrier_changed(bool up) override;

    void tell_link(bool up);
    void fill_line();
    void offer_room();
    void drop_in(const Packet& packet, CounterOf<PointToPointCounters> counter);
    void drop_queue();
    void drop_out(const Packet& packet, CounterOf<PointToPointCounters> counter);

    Context context_;
    physical::SerialLine& line_;
    Features features_;
    PointToPointQueueOptions queue_options_;
    UserTable users_;
    RingQueue<Waiting> queue_;
    std::size_t queue_bytes_ = 0;
    std::vector<std::byte> frame_;  // on its way into the line,
    std::size_t frame_sent_ = 0;    // this much of it is in
    bool enabled_ = true;
    bool told_up_ = false;  // what the users know
    bool line_full_ = false;
    bool arriving_ = false;     // what is sent meanwhile leaves when all that arrived is done with
    bool was_unready_ = false;  // the users may wait for writable()
    PointToPointCounters counters_;
};

}  // namespace strata::link
