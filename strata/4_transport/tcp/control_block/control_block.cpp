#include "strata/4_transport/tcp/control_block/control_block.hpp"

#include <algorithm>

namespace strata::transport::tcp {
namespace {

constexpr std::uint32_t mss_min = 64;  // a peer that asks for less is not believed: docs/decisions, 0053

}  // namespace

ControlBlock::ControlBlock(const ConnectionId& connection_id,
                           std::shared_ptr<const ConnectionOptions> connection_options)
    : id(connection_id),
      options(std::move(connection_options)),
      user(options->no_delay, options->ttl),
      keepalive(options->keepalive),
      allowance(buffer_initial, options->receive_buffer_max),
      rtt(options->rto_initial, options->rto_min, options->rto_max),
      congestion(make_congestion_control(options->congestion)) {
    negotiated_.rcv_scale = window_scale_for(options->receive_buffer_max);
}

void ControlBlock::update_mss() noexcept {
    const std::uint32_t whole =
        std::max<std::uint32_t>(std::min(announced_mss(path_, *options), negotiated_.peer_mss), mss_min);
    negotiated_.mss = whole - static_cast<std::uint32_t>(usual_options_size());
    congestion->set_mss(negotiated_.mss, options->initial_window_segments);
}

bool ControlBlock::refresh_path(network::Service& network) {
    const std::size_t mtu = path_.mtu;
    if (!network.refresh(path_)) return false;
    if (path_.mtu != mtu) update_mss();
    return true;
}

bool ControlBlock::path_mtu_reported(network::Service& network, std::size_t mtu) {
    const network::Path before = path_;
    network.path_mtu_reported(path_.destination, mtu);
    return refresh_path(network) && (path_.mtu < before.mtu || path_.narrower != before.narrower);
}

void ControlBlock::negotiate(const Segment& their_syn, Instant now) {
    rcv.start(their_syn.seq, syn_window(*options));
    clock.acknowledgment_sent(rcv.nxt());
    negotiated_ = agree(*options, their_syn.options);
    if (negotiated_.timestamps) clock.remember(their_syn.options.timestamps->value, now);
    update_mss();
}

void ControlBlock::syn_was_answered(Instant now) noexcept {
    if (rtt.backoffs() == 0) {
        rtt.sample(now - rtt_probe.sent_at());
    } else {
        rtt.syn_was_lost();
    }
    rtt_probe.stop();
    syn.answered();
    repeats.start(snd.una());
    deadlines.stop(Deadline::retransmission);
    deadlines.stop(Deadline::user);
}

}  // namespace strata::transport::tcp
