#include "strata/5_session/rpc/server/held.hpp"

#include <algorithm>
#include <utility>

namespace strata::session::rpc {

HeldBytes::Place HeldBytes::add(std::function<void()> cut_off) {
    return idle_.insert(idle_.end(), {std::move(cut_off), 0});
}

void HeldBytes::remove(Place place) {
    is(place, 0, false);
    idle_.erase(place);
}

void HeldBytes::is(Place place, std::size_t bytes, bool moved) {
    const std::size_t before = std::exchange(place->bytes, bytes);
    bytes_ = bytes_ - before + bytes;
    if (bytes == 0) {
        if (before != 0) idle_.splice(idle_.end(), holding_, place);
    } else if (before == 0) {
        holding_.splice(holding_.end(), idle_, place);
    } else if (moved) {
        holding_.splice(holding_.end(), holding_, place);
    }
}

void HeldBytes::keep_bound() {
    while (bytes_ > bytes_max_ && !holding_.empty()) {
        const Place first = holding_.begin();
        is(first, 0, false);
        first->cut_off();
    }
}

// Half of it is shared out; the other half is for what comes on top of a share, a reply each.
std::size_t HeldBytes::share() const noexcept {
    return std::max<std::size_t>(bytes_max_ / 2 / std::max<std::size_t>(holding_.size(), 1), 1);
}

}  // namespace strata::session::rpc
