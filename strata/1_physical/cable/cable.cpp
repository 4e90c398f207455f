#include "strata/1_physical/cable/cable.hpp"

namespace strata::physical {
namespace {

PortFeatures features_of(const CableOptions& options) noexcept {
    return {.mtu = options.mtu,
            .checksum_offload = options.checksum_offload,
            .super_frame_max = options.super_frame_max,
            .frame_check = options.can_corrupt || options.a_to_b.bit_errors > 0 || options.b_to_a.bit_errors > 0};
}

}  // namespace

Cable::Cable(Context context, const CableOptions& options)
    : features_(features_of(options)),
      a_to_b_(context, features_, options.a_to_b, context.entropy.next()),
      b_to_a_(context, features_, options.b_to_a, context.entropy.next()),
      a_(*this, a_to_b_, b_to_a_),
      b_(*this, b_to_a_, a_to_b_) {}

void Cable::set_options(const CableWayOptions& both) {
    a_to_b_.set_options(both);
    b_to_a_.set_options(both);
}

void Cable::set_plugged(bool plugged) {
    if (plugged_ == plugged) return;
    plugged_ = plugged;
    if (!plugged) {
        a_to_b_.lose_everything();
        b_to_a_.lose_everything();
    }
    a_.tell_link();
    b_.tell_link();
}

void Cable::End::attach(PortUser* user) noexcept {
    user_ = user;
    out_.set_sender(user);
    in_.set_receiver(user);
}

std::size_t Cable::End::transmit(std::span<Packet> frames) {
    return cable_.plugged_ ? out_.take(frames) : out_.take_unplugged(frames);
}

void Cable::End::tell_link() const {
    if (user_ != nullptr) user_->link_changed(cable_.plugged_);
}

}  // namespace strata::physical
