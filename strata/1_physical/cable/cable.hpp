// Cable: two ports joined in one process. What is sent into one end
// comes out of the other, later, and perhaps not whole.
//
//        a() ==== a_to_b: rate, delay, loss, ... ===> b()
//            <=== b_to_a ============================
//
// Joins hosts in the lab and in tests, where a run is repeated from its seed; and, with nothing
// set, carries bursts between two stacks in memory at next to no cost.
#pragma once

#include "strata/1_physical/cable/cable_way.hpp"

namespace strata::physical {

struct CableOptions {
    std::size_t mtu = 1500;
    bool checksum_offload =
        false;  // partial checksums travel as a fact: on a cable that changes no bits, no one need compute
    std::size_t super_frame_max = 0;  // up to ip_packet_max: super-frames travel whole
    bool can_corrupt =
        false;  // frames carry a frame check sequence; implied if a way begins with bit errors. Without it,
                // what bit errors break later is dropped by the cable
    CableWayOptions a_to_b;
    CableWayOptions b_to_a;
};

class Cable {
public:
    explicit Cable(Context context, const CableOptions& options = {});
    Cable(const Cable&) = delete;
    Cable& operator=(const Cable&) = delete;

    [[nodiscard]] Port& a() noexcept { return a_; }
    [[nodiscard]] Port& b() noexcept { return b_; }
    [[nodiscard]] CableWay& a_to_b() noexcept { return a_to_b_; }
    [[nodiscard]] CableWay& b_to_a() noexcept { return b_to_a_; }
    [[nodiscard]] const CableWay& a_to_b() const noexcept { return a_to_b_; }
    [[nodiscard]] const CableWay& b_to_a() const noexcept { return b_to_a_; }
    // The same for both ways.
    void set_options(const CableWayOptions& both);

    // A cable begins plugged. Unplugging loses what is on it; both ends' users hear of it.
    void plug() { set_plugged(true); }
    void unplug() { set_plugged(false); }
    [[nodiscard]] bool plugged() const noexcept { return plugged_; }

private:
    class End final : public Port {
    public:
        End(Cable& cable, CableWay& out, CableWay& in) : cable_(cable), out_(out), in_(in) {}
        [[nodiscard]] const PortFeatures& features() const noexcept override { return cable_.features_; }
        [[nodiscard]] bool link_up() const noexcept override { return cable_.plugged_; }
        void attach(PortUser* user) noexcept override;
        [[nodiscard]] std::size_t transmit(std::span<Packet> frames) override;
        [[nodiscard]] bool writable() const noexcept override { return out_.writable(); }
        [[nodiscard]] std::uint64_t bits_per_second() const noexcept override { return out_.options().bits_per_second; }
        void tell_link() const;

    private:
        Cable& cable_;
        CableWay& out_;
        CableWay& in_;
        PortUser* user_ = nullptr;
    };

    void set_plugged(bool plugged);

    PortFeatures features_;
    bool plugged_ = true;
    CableWay a_to_b_;
    CableWay b_to_a_;
    End a_;
    End b_;
};

}  // namespace strata::physical
