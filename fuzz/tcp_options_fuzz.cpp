// TCP's header and options (RFC 9293 3.1): whatever arrives is read within its bounds; what is
// written is read back the same.
// links: transport
#include <cstdlib>

#include "strata/4_transport/tcp/segment/segment.hpp"

using namespace strata;
using namespace strata::transport::tcp;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const Bytes bytes = std::as_bytes(std::span(data, size));
    const auto header = HeaderView::of(bytes);
    if (!header) return 0;
    if (header->size() > bytes.size() || header->options().size() > SegmentOptions::size_max) std::abort();
    SegmentOptions options = SegmentOptions::parse(header->options());
    options.sack.limit(options.timestamps ? 3 : 4);
    if (options.maximum_segment_size && options.window_scale) options.sack.clear();  // a SYN has no blocks
    if (options.size() > SegmentOptions::size_max) return 0;
    std::array<std::byte, SegmentOptions::size_max> written{};
    options.write(written.data());
    const SegmentOptions again = SegmentOptions::parse(Bytes(written).first(options.size()));
    if (again.maximum_segment_size != options.maximum_segment_size || again.window_scale != options.window_scale ||
        again.sack_permitted != options.sack_permitted || again.timestamps != options.timestamps ||
        again.sack.size() != options.sack.size()) {
        std::abort();
    }
    return 0;
}
