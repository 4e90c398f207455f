#include "strata/4_transport/tcp/control_block/negotiated.hpp"

#include <algorithm>

namespace strata::transport::tcp {

std::uint8_t window_scale_for(std::size_t buffer_max) noexcept {
    std::uint8_t scale = 0;
    while (scale < 14 && buffer_max >> scale > 0xffff) ++scale;
    return scale;
}

Negotiated agree(const ConnectionOptions& ours, const SegmentOptions& theirs) noexcept {
    Negotiated agreed;
    agreed.peer_mss = theirs.maximum_segment_size.value_or(mss_default);
    agreed.window_scaling = ours.window_scaling && theirs.window_scale.has_value();
    agreed.snd_scale = agreed.window_scaling ? *theirs.window_scale : 0;
    agreed.rcv_scale = agreed.window_scaling ? window_scale_for(ours.receive_buffer_max) : 0;
    agreed.sack = ours.sack && theirs.sack_permitted;
    agreed.timestamps = ours.timestamps && theirs.timestamps.has_value();
    return agreed;
}

std::uint16_t announced_mss(const network::Path& path, const ConnectionOptions& options) noexcept {
    const std::size_t headers = path.header_size + HeaderView::size_min;
    const std::size_t fits = path.mtu > headers ? path.mtu - headers : 0;
    return static_cast<std::uint16_t>(std::min<std::size_t>(fits, options.mss_max));
}

std::uint16_t syn_window(const ConnectionOptions& options) noexcept {
    return static_cast<std::uint16_t>(std::min<std::size_t>(options.receive_buffer_max, 0xffff));
}

SegmentOptions syn_options(const ConnectionOptions& options, const network::Path& path, const Negotiated* agreed,
                           Timestamps stamps) noexcept {
    SegmentOptions offered;
    offered.maximum_segment_size = announced_mss(path, options);
    if (agreed != nullptr ? agreed->window_scaling : options.window_scaling)
        offered.window_scale = window_scale_for(options.receive_buffer_max);
    offered.sack_permitted = agreed != nullptr ? agreed->sack : options.sack;
    if (agreed != nullptr ? agreed->timestamps : options.timestamps) offered.timestamps = stamps;
    return offered;
}

}  // namespace strata::transport::tcp
