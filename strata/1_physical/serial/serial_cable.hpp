// SerialCable: a null modem in memory: two ends of a serial line in one process. What is sent into
// one end comes out of the other, later, and perhaps with bits that turned over, or too few.
//
//        a() ==== a_to_b: rate, delay, bit errors, losses ===> b()
//            <=== b_to_a ====================================
//
// Joins hosts in the lab and in tests, where a run is repeated from its seed.
#pragma once

#include "strata/1_physical/serial/serial_way.hpp"

namespace strata::physical {

struct SerialCableOptions {
    SerialUnit unit = SerialUnit::octet;
    SerialWayOptions a_to_b;
    SerialWayOptions b_to_a;
};

class SerialCable {
public:
    explicit SerialCable(Context context, const SerialCableOptions& options = {});
    SerialCable(const SerialCable&) = delete;
    SerialCable& operator=(const SerialCable&) = delete;

    [[nodiscard]] SerialLine& a() noexcept { return a_; }
    [[nodiscard]] SerialLine& b() noexcept { return b_; }
    [[nodiscard]] SerialWay& a_to_b() noexcept { return a_to_b_; }
    [[nodiscard]] SerialWay& b_to_a() noexcept { return b_to_a_; }
    // The same for both ways.
    void set_options(const SerialWayOptions& both);

    // A cable begins plugged. Unplugging loses what is on it; both ends' users hear of it.
    void plug() { set_plugged(true); }
    void unplug() { set_plugged(false); }

private:
    class End final : public SerialLine {
    public:
        End(SerialCable& cable, SerialWay& out, SerialWay& in) : cable_(cable), out_(out), in_(in) {}
        [[nodiscard]] SerialUnit unit() const noexcept override { return cable_.unit_; }
        [[nodiscard]] bool carrier() const noexcept override { return cable_.plugged_; }
        void attach(SerialLineUser* user) noexcept override;
        [[nodiscard]] std::size_t transmit(Bytes octets) override;
        void tell_carrier() const;

    private:
        SerialCable& cable_;
        SerialWay& out_;
        SerialWay& in_;
        SerialLineUser* user_ = nullptr;
    };

    void set_plugged(bool plugged);

    SerialUnit unit_;
    bool plugged_ = true;
    SerialWay a_to_b_;
    SerialWay b_to_a_;
    End a_;
    End b_;
};

}  // namespace strata::physical
