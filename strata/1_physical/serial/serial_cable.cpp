#include "strata/1_physical/serial/serial_cable.hpp"

namespace strata::physical {

SerialCable::SerialCable(Context context, const SerialCableOptions& options)
    : unit_(options.unit),
      a_to_b_(context, options.unit, options.a_to_b, context.entropy.next()),
      b_to_a_(context, options.unit, options.b_to_a, context.entropy.next()),
      a_(*this, a_to_b_, b_to_a_),
      b_(*this, b_to_a_, a_to_b_) {}

void SerialCable::set_options(const SerialWayOptions& both) {
    a_to_b_.set_options(both);
    b_to_a_.set_options(both);
}

void SerialCable::set_plugged(bool plugged) {
    if (plugged_ == plugged) return;
    plugged_ = plugged;
    if (!plugged) {
        a_to_b_.lose_everything();
        b_to_a_.lose_everything();
    }
    a_.tell_carrier();
    b_.tell_carrier();
}

void SerialCable::End::attach(SerialLineUser* user) noexcept {
    user_ = user;
    out_.set_sender(user);
    in_.set_receiver(user);
}

std::size_t SerialCable::End::transmit(Bytes octets) {
    return cable_.plugged_ ? out_.take(octets) : out_.take_unplugged(octets);
}

void SerialCable::End::tell_carrier() const {
    if (user_ != nullptr) user_->carrier_changed(cable_.plugged_);
}

}  // namespace strata::physical
