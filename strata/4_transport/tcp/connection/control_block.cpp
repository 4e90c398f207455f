#include "strata/4_transport/tcp/connection/control_block.hpp"

#include <algorithm>

namespace strata::transport::tcp {
namespace {

std::uint8_t scale_for(std::size_t buffer_max) noexcept {
    std::uint8_t scale = 0;
    while (scale < 14 && buffer_max >> scale > 0xffff) ++scale;  // RFC 7323 2.3
    return scale;
}

constexpr std::uint32_t mss_min = 64;  // a peer or a router that asks for less is not believed (RFC 9293 3.7.1)

}  // namespace

ControlBlock::ControlBlock(const ConnectionId& connection_id,
                           std::shared_ptr<const ConnectionOptions> connection_options)
    : id(connection_id),
      options(std::move(connection_options)),
      no_delay(options->no_delay),
      keepalive(options->keepalive),
      rtt(options->rto_initial, options->rto_min, options->rto_max),
      congestion(make_congestion_control(options->congestion)) {
    negotiated.rcv_scale = scale_for(options->receive_buffer_max);
}

std::uint16_t ControlBlock::announced_mss() const noexcept {
    const std::size_t fits = path.mtu - path.header_size - HeaderView::size_min;
    return static_cast<std::uint16_t>(std::min<std::size_t>(fits, options->mss_max));
}

void ControlBlock::update_mss() noexcept {
    const std::uint32_t whole = std::max<std::uint32_t>(std::min(announced_mss(), negotiated.peer_mss), mss_min);
    negotiated.mss = whole - static_cast<std::uint32_t>(usual_options_size());
    congestion->set_mss(negotiated.mss, options->initial_window_segments);
}

void ControlBlock::negotiate(const Segment& syn, Instant now) {
    rcv.irs = syn.seq;
    rcv.nxt = rcv.edge = rcv.up = syn.seq + 1;
    rcv.edge += static_cast<std::uint32_t>(std::min<std::size_t>(options->receive_buffer_max, 0xffff));
    clock.last_ack_sent = rcv.nxt;
    negotiated.peer_mss = syn.options.maximum_segment_size.value_or(536);
    negotiated.window_scaling = options->window_scaling && syn.options.window_scale.has_value();
    negotiated.snd_scale = negotiated.window_scaling ? *syn.options.window_scale : 0;
    if (!negotiated.window_scaling) negotiated.rcv_scale = 0;
    negotiated.sack = options->sack && syn.options.sack_permitted;
    negotiated.timestamps = options->timestamps && syn.options.timestamps.has_value();
    if (negotiated.timestamps) {
        clock.recent = syn.options.timestamps->value;
        clock.recent_at = now;
    }
    update_mss();
}

}  // namespace strata::transport::tcp
